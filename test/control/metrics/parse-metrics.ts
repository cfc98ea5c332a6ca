import assert from "node:assert/strict";

/** One line of Prometheus' text form. */
export interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text form, strictly: a metric without a type, and a line twice, is an error. */
export function parseMetrics(text: string): ReadSample[] {
  const typed = new Set(
    [...text.matchAll(/^# TYPE (\S+) (?:counter|gauge|histogram|summary)$/gm)].map(([, name]) => name),
  );
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(new Set(lines.map((line) => line.replace(/ \S+$/, ""))).size, lines.length);
  return lines.map((line) => {
    const [, name = "", labels = "", value = ""] =
      /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? assert.fail(line);
    assert.ok(typed.has(name) || typed.has(name.replace(/_(bucket|sum|count)$/, "")), `${name} has no type`);
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return {
      name,
      labels: Object.fromEntries(pairs.map(([, key = "", text = ""]) => [key, text])),
      value: Number(value),
    };
  });
}

/** The sum over the samples of a name that have these labels. */
export function sumOf(
  samples: readonly ReadSample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}
