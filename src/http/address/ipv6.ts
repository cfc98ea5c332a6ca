import { parseIpv4 } from "./ipv4.ts";

/** The four 32-bit words of an IPv6 address, perhaps with a zone (ignored) or a dotted end. */
export function parseIpv6(text: string): number[] | undefined {
  if (!text.includes(":")) return undefined;
  const groups = expand(withoutDots(text.replace(zone, "")));
  if (groups.length !== 8 || !groups.every((part) => group.test(part))) return undefined;
  const values = groups.map((part) => Number.parseInt(part, 16));
  return [0, 2, 4, 6].map((i) => (values[i] ?? 0) * 0x10000 + (values[i + 1] ?? 0));
}

/** Writes four words in the canonical spelling of RFC 5952. */
export function describeIpv6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [Math.floor(word / 0x10000), word % 0x10000]);
  const { start, length } = longestZeroRun(groups);
  const text = groups.map((value) => value.toString(16));
  if (length < 2) return text.join(":");
  return `${text.slice(0, start).join(":")}::${text.slice(start + length).join(":")}`;
}

const zone = /%[^%\s]+$/;
const group = /^[\da-f]{1,4}$/i;

/** Turns a dotted end into two groups; a wrong one stays, and is then no group. */
function withoutDots(text: string): string {
  const at = text.lastIndexOf(":") + 1;
  const v4 = parseIpv4(text.slice(at));
  if (v4 < 0) return text;
  return `${text.slice(0, at)}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
}

/** The groups with the zeros of `::` filled in; none where the text has two of it, or no room for it. */
function expand(text: string): string[] {
  const [head = "", tail, ...rest] = text.split("::");
  if (tail === undefined) return head.split(":");
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const missing = 8 - before.length - after.length;
  if (rest.length > 0 || missing < 1) return [];
  return [...before, ...Array.from({ length: missing }, () => "0"), ...after];
}

function groupsOf(side: string): string[] {
  return side === "" ? [] : side.split(":");
}

/** The first of the longest runs of zero groups: the one that RFC 5952, 4.2.3 shortens. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [i, value] of groups.entries()) {
    if (value !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}
