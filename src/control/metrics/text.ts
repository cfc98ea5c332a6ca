/** Names of labels and their values. */
export type Labels = Readonly<Record<string, string>>;

/** One number of a metric. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  /** Stands behind the metric's name: the parts of histograms and summaries. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** One metric with all its numbers. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The media type of the text. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes metrics in Prometheus' text form.
 *
 * Source: "Exposition formats" in the Prometheus documentation, version 0.0.4.
 */
export function writeMetrics(metrics: readonly Metric[]): string {
  return [...writePieces(metrics)].join("");
}

/** The same text in pieces that are each written in about a millisecond. */
export function* writePieces(metrics: readonly Metric[]): Generator<string> {
  let text = "";
  for (const metric of metrics) {
    for (const line of linesOf(metric)) {
      text += line;
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = "";
    }
  }
  yield text;
}

function* linesOf({ name, type, help, samples }: Metric): Generator<string> {
  if (samples.length === 0) return;
  yield `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const { suffix = "", labels, value } of samples)
    yield `${name}${suffix}${labels ? writeLabels(labels) : ""} ${writeValue(value)}\n`;
}

/** Characters of a piece. */
const PIECE_LENGTH = 64 * 1024;

function writeLabels(labels: Labels): string {
  let list = "";
  for (const name in labels) list += `${list === "" ? "" : ","}${name}="${escapeLabel(labels[name] ?? "")}"`;
  return `{${list}}`;
}

const needsEscape = /[\\"\n]/;

function escapeLabel(text: string): string {
  if (!needsEscape.test(text)) return text;
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
}

function writeValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
