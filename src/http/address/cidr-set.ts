import { parseIp } from "./ip-address.ts";
import type { Ip } from "./ip-address.ts";
import { parseIpv4 } from "./ipv4.ts";

/** A range of addresses: those whose first `bits` bits equal those of `base`. */
export type Cidr = { readonly base: Ip; readonly bits: number };

/** Reads `10.0.0.0/8`, `2001:db8::/32` or one address alone. */
export function parseCidr(text: string): Cidr | undefined {
  const base = parseIp(text.replace(prefixLength, ""));
  if (base === undefined) return undefined;
  const width = 32 * base.words.length;
  const writtenWidth = text.includes(":") ? 128 : 32; // wider than `width` for an IPv4-mapped range
  const bits = Number(prefixLength.exec(text)?.[1] ?? writtenWidth) - (writtenWidth - width);
  return bits >= 0 && bits <= width ? { base, bits } : undefined;
}

/**
 * Gives the test whether an address lies in one of the ranges; text that is no address lies in none.
 *
 * @throws {Error} where a range cannot be read. The configuration's schema has checked them before.
 */
export function createCidrSet(list: readonly string[]): (address: string) => boolean {
  const ranges = list.map(readCidr);
  const v4 = ranges.filter((range) => range.base.version === 4).map(toMasked);
  const v6 = ranges.filter((range) => range.base.version === 6).map(toMasked);
  if (ranges.length === 0) return () => false;
  return (address) => {
    const number = parseIpv4(address);
    if (number >= 0) return holdsIpv4(v4, number);
    const ip = parseIp(address);
    if (ip === undefined) return false;
    return ip.version === 4
      ? holdsIpv4(v4, ip.words[0] ?? 0)
      : v6.some((range) => holdsIpv6(range, ip.words));
  };
}

const prefixLength = /\/(\d{1,3})$/;

/** A range as its masks and masked words, so that a look-up is one comparison a word. */
type Masked = { readonly masks: readonly number[]; readonly words: readonly number[] };

function readCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    throw new Error(`Cannot read "${text}": expected an address or a range such as 10.0.0.0/8`);
  return cidr;
}

function toMasked({ base, bits }: Cidr): Masked {
  const masks = base.words.map((_, i) => maskOf(bits - 32 * i));
  return { masks, words: base.words.map((word, i) => word & (masks[i] ?? 0)) };
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function holdsIpv4(ranges: readonly Masked[], address: number): boolean {
  for (const { masks, words } of ranges) {
    if ((address & (masks[0] ?? 0)) === words[0]) return true;
  }
  return false;
}

function holdsIpv6({ masks, words }: Masked, address: readonly number[]): boolean {
  return words.every((word, i) => ((address[i] ?? 0) & (masks[i] ?? 0)) === word);
}
