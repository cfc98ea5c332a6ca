/** Longer reports are not looked at. */
const longestReport = 4096;

/** Fields that the load is made of, by their names in JSON, where protobuf allows both spellings. */
const fields: Readonly<Record<string, string>> = {
  application_utilization: "application_utilization",
  applicationUtilization: "application_utilization",
  cpu_utilization: "cpu_utilization",
  cpuUtilization: "cpu_utilization",
  eps: "eps",
  rps_fractional: "rps_fractional",
  rpsFractional: "rps_fractional",
};

const decimal = /^(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const percentage = /^(.+?)\s*%$/;
const jsonKey = /"(\w+)"\s*:/g;

/**
 * The load in a server's report, 0 = idle, 1 = full, more = overloaded: ORCA as `TEXT cpu_utilization=0.3, eps=1` or
 * `JSON {…}`, or a plain number 0..1, or a percentage. Undefined where it is not a report, or a broken one: a negative
 * or infinite number, or a field given twice, shows a server that does not know what it says.
 *
 * Errors count as load, so that a server that is idle because it fails fast does not draw traffic.
 *
 * Source: ORCA (cncf/xds, data/orca/v3); gRPC proposal A58: utilization + errors / requests.
 */
export function parseReportedLoad(report: string): number | undefined {
  if (report.length > longestReport) return undefined;
  const text = report.trim();
  if (text.startsWith("TEXT ")) return loadOf(parseText(text.slice(5)));
  if (text.startsWith("JSON ")) return loadOf(parseJson(text.slice(5)));
  return parsePlain(text);
}

type Metrics = ReadonlyMap<string, number>;

function loadOf(metrics: Metrics | undefined): number | undefined {
  const application = metrics?.get("application_utilization");
  const utilization = application || (metrics?.get("cpu_utilization") ?? application);
  return utilization === undefined ? undefined : utilization + errorRatio(metrics);
}

function errorRatio(metrics: Metrics | undefined): number {
  const requestsPerSecond = metrics?.get("rps_fractional") ?? 0;
  return requestsPerSecond > 0 ? (metrics?.get("eps") ?? 0) / requestsPerSecond : 0;
}

function parseText(text: string): Metrics | undefined {
  return collect(text.split(",").map((pair) => splitPair(pair)));
}

function splitPair(pair: string): [name: string, value: number | undefined] {
  const [, name = "", value = ""] = /^\s*([^=:\s]+)\s*[=:]\s*(\S+)\s*$/.exec(pair) ?? [];
  return [name, parseNumber(value)];
}

function parseJson(text: string): Metrics | undefined {
  const report = parseObject(text);
  if (report === undefined || hasDuplicates(text)) return undefined;
  const known = Object.entries(report).filter(([name]) => name in fields);
  return collect(
    known.map(([name, value]) => [fields[name] ?? name, typeof value === "number" ? value : undefined]),
  );
}

/** Undefined where a name or a number is broken, or a name comes twice. */
function collect(
  pairs: readonly (readonly [name: string, value: number | undefined])[],
): Metrics | undefined {
  const metrics = new Map<string, number>();
  for (const [name, value] of pairs) {
    if (name === "" || metrics.has(name) || !isAmount(value)) return undefined;
    metrics.set(name, value);
  }
  return metrics;
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `JSON.parse` would keep the last of them and say nothing. */
function hasDuplicates(text: string): boolean {
  const names = Array.from(text.matchAll(jsonKey), ([, name = ""]) => name).filter((name) => name in fields);
  return new Set(names).size < names.length;
}

function parsePlain(text: string): number | undefined {
  const percent = percentage.exec(text)?.[1];
  const value = percent === undefined ? parseNumber(text) : scale(parseNumber(percent));
  return isAmount(value) && value <= 1 ? value : undefined; // above 1 somebody means something else
}

function scale(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}

function parseNumber(text: string): number | undefined {
  return decimal.test(text) ? Number(text) : undefined;
}

function isAmount(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value < Number.POSITIVE_INFINITY;
}
