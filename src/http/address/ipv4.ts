/**
 * The number of a dotted IPv4 address, or -1 where the text is none.
 *
 * A leading zero is refused, since some read what follows as octal and would see another address.
 */
export function parseIpv4(text: string): number {
  if (!dotted.test(text)) return -1;
  let address = 0;
  let octet = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === dot) {
      address = address * 256 + octet;
      octet = 0;
    } else octet = octet * 10 + code - zero;
  }
  return address * 256 + octet;
}

/** Writes the address that `parseIpv4` gave. */
export function describeIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

const dot = 0x2e;
const zero = 0x30;
const dotted = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
