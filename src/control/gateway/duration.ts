import { Unsupported } from "./status/unsupported.ts";

/**
 * Writes a duration of the Gateway API as the configuration does.
 *
 * Source: GEP-2257: up to four numbers with h, m, s or ms, such as 1h30m.
 */
export function translateDuration(text: string): string {
  if (!/^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/.test(text))
    throw new Unsupported(`${JSON.stringify(text)} is no duration`);
  const parts = text.matchAll(/(\d+)(h|ms|m|s)/g);
  return `${parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (msPerUnit[unit] ?? 0), 0)}ms`;
}

const msPerUnit: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
