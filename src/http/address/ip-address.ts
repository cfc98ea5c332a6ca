import { describeIpv4, parseIpv4 } from "./ipv4.ts";
import { describeIpv6, parseIpv6 } from "./ipv6.ts";
import { memoise } from "../memoise.ts";

/** An address as numbers: one 32-bit word for IPv4, four for IPv6. */
export type Ip = { readonly version: 4 | 6; readonly words: readonly number[] };

/** Gives the numbers of an IPv4 or IPv6 address; an IPv4-mapped one is IPv4, and a zone (`%eth0`) is ignored. */
export function parseIp(text: string): Ip | undefined {
  const v4 = parseIpv4(withoutMapping(text));
  return v4 >= 0 ? { version: 4, words: [v4] } : readIpv6(text).ip;
}

/** Gives an address in its one canonical spelling (RFC 5952), or undefined where the text is no address. */
export function normaliseAddress(text: string): string | undefined {
  const plain = withoutMapping(text);
  return parseIpv4(plain) >= 0 ? plain : readIpv6(text).canonical;
}

/** What counts as one client: an IPv4 address itself, the /64 of an IPv6 one, since a subscriber owns that whole. */
export function clientPrefix(address: string): string {
  return address.includes(":") ? (readIpv6(address).prefix ?? address) : address;
}

/** The usual spelling of an IPv4 address on a socket for both families. */
const mapping = "::ffff:";

function withoutMapping(text: string): string {
  return text.startsWith(mapping) ? text.slice(mapping.length) : text;
}

type Reading = { readonly ip?: Ip; readonly canonical?: string; readonly prefix?: string };

/** Most requests come from addresses that came before, and an IPv6 one takes over a microsecond to read and write. */
const readIpv6 = memoise<Reading>(1024, (text) => {
  const words = parseIpv6(text);
  if (words === undefined) return {};
  const [high = 0, low = 0, middle, end = 0] = words;
  if (high === 0 && low === 0 && middle === 0xffff) return ofIpv4(end);
  return {
    ip: { version: 6, words },
    canonical: describeIpv6(words),
    prefix: `${describeIpv6([high, low, 0, 0])}/64`,
  };
});

function ofIpv4(address: number): Reading {
  const text = describeIpv4(address);
  return { ip: { version: 4, words: [address] }, canonical: text, prefix: text };
}
