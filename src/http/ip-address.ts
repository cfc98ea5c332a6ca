import { describeIpv4, parseIpv4 } from "./ipv4.ts";
import { describeIpv6, parseIpv6 } from "./ipv6.ts";

/** An address as numbers: one 32-bit word for IPv4, four for IPv6. */
export type Ip = { readonly version: 4 | 6; readonly words: readonly number[] };

/** Gives the numbers of an IPv4 or IPv6 address; an IPv4-mapped one is IPv4, and a zone (`%eth0`) is ignored. */
export function parseIp(text: string): Ip | undefined {
  const v4 = parseIpv4(text);
  if (v4 >= 0) return { version: 4, words: [v4] };
  const words = parseIpv6(text);
  if (words === undefined) return undefined;
  return isMapped(words) ? { version: 4, words: words.slice(3) } : { version: 6, words };
}

/** Gives an address in its one canonical spelling (RFC 5952), or undefined where the text is no address. */
export function normaliseAddress(text: string): string | undefined {
  if (parseIpv4(text) >= 0) return text;
  const ip = parseIp(text);
  return ip && describeIp(ip);
}

/** What counts as one client: an IPv4 address itself, the /64 of an IPv6 one, since a subscriber owns that whole. */
export function clientPrefix(address: string): string {
  if (parseIpv4(address) >= 0) return address;
  const ip = parseIp(address);
  if (ip === undefined) return address;
  if (ip.version === 4) return describeIp(ip);
  const [high = 0, low = 0] = ip.words;
  return `${describeIpv6([high, low, 0, 0])}/64`;
}

/** Writes an address in its canonical spelling. */
export function describeIp(ip: Ip): string {
  return ip.version === 4 ? describeIpv4(ip.words[0] ?? 0) : describeIpv6(ip.words);
}

function isMapped([first, second, third]: readonly number[]): boolean {
  return first === 0 && second === 0 && third === 0xffff;
}
