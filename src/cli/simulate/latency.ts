import type { Distribution } from "../../data/balance/simulate/distribution.ts";
import type { ValueForm } from "./parse-values.ts";

/** Distributions of service times, as they are written behind `--latency`. */
export const latencyForm: ValueForm<Distribution> = {
  allowed: "one such as lognormal:20ms,0.5 exponential:20ms constant:20ms or pareto:5ms,2.5",
  parse(text) {
    const [kind = "", numbers = ""] = text.split(":", 2);
    const [timeText = "", shapeText, ...rest] = numbers.split(",");
    const ms = parseMs(timeText);
    if (ms === undefined || rest.length > 0) return undefined;
    return shapeText === undefined ? withoutShape(kind, ms) : withShape(kind, ms, parseShape(shapeText));
  },
};

/** What is assumed of servers unless somebody says otherwise, as it is written. */
export const defaultLatency = "lognormal:20ms,0.5";

/** The same. */
export const defaultDistribution: Distribution = { kind: "lognormal", medianMs: 20, sigma: 0.5 };

/** The mean of a distribution, ms; Infinity for a tail so heavy that there is none. */
export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case "constant":
      return distribution.ms;
    case "exponential":
      return distribution.meanMs;
    case "lognormal":
      return distribution.medianMs * Math.exp(distribution.sigma ** 2 / 2);
    case "pareto":
      return meanOfPareto(distribution);
    case "recorded":
      return meanOfSamples(distribution.samplesMs);
    default:
      return distribution satisfies never;
  }
}

function withoutShape(kind: string, ms: number): Distribution | undefined {
  if (kind === "constant") return { kind, ms };
  return kind === "exponential" ? { kind, meanMs: ms } : undefined;
}

function withShape(kind: string, ms: number, shape: number | undefined): Distribution | undefined {
  if (shape === undefined) return undefined;
  if (kind === "lognormal") return { kind, medianMs: ms, sigma: shape };
  return kind === "pareto" && shape > 0 ? { kind, leastMs: ms, shape } : undefined;
}

const msPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Unlike durations of the configuration these may be parts of a millisecond. */
function parseMs(text: string): number | undefined {
  const [, digits = "", unit = ""] = /^(\d{1,9}(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(digits) * (msPer[unit] ?? 0);
  return ms > 0 ? ms : undefined;
}

const greatestShape = 100;

function parseShape(text: string): number | undefined {
  const shape = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return shape <= greatestShape ? shape : undefined;
}

function meanOfPareto({ leastMs, shape }: { readonly leastMs: number; readonly shape: number }): number {
  return shape > 1 ? (leastMs * shape) / (shape - 1) : Number.POSITIVE_INFINITY;
}

function meanOfSamples(samplesMs: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < samplesMs.length; at++) sum += samplesMs[at] ?? 0;
  return sum / samplesMs.length;
}
