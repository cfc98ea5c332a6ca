import * as v from "valibot";
import type { Totals } from "../../board/totals.ts";
import type { ServerHealth } from "../health/server-health.ts";

/** What probes and traffic showed of a server. */
export type StoredHealth = Pick<ServerHealth, "active" | "passive">;

const count = v.pipe(v.number(), v.minValue(0));

const totals = v.object({
  requests: count,
  errors: count,
  retries: count,
  bytesIn: count,
  bytesOut: count,
  statuses: v.object({ "1xx": count, "2xx": count, "3xx": count, "4xx": count, "5xx": count }),
  responses: count,
  responsesMs: count,
});

const health = v.object({
  active: v.variant("state", [
    v.object({ state: v.literal("unknown") }),
    v.object({ state: v.literal("up"), failures: count }),
    v.object({ state: v.literal("down"), passes: count }),
  ]),
  passive: v.variant("state", [
    v.object({ state: v.literal("serving"), strikes: count, sinceAt: v.number() }),
    v.object({ state: v.literal("ejected"), strikes: count, untilAt: v.number() }),
    v.object({ state: v.literal("trial"), strikes: count, sinceAt: v.number() }),
  ]),
});

/** Reads totals as they were stored; undefined where they are not such. */
export function parseTotals(text: unknown): Totals | undefined {
  return parse(totals, text);
}

/** Reads health as it was stored; a trial that was under way is due anew. */
export function parseHealth(text: unknown, nowMs: number): StoredHealth | undefined {
  const stored = parse(health, text);
  if (stored?.passive.state !== "trial") return stored;
  return { ...stored, passive: { state: "ejected", strikes: stored.passive.strikes, untilAt: nowMs } };
}

function parse<S extends v.GenericSchema>(schema: S, text: unknown): v.InferOutput<S> | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
