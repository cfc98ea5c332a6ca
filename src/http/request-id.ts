/** Tells whether a text may serve as a request id: short, and harmless in logs, headers and pages. */
export function isRequestId(text: string): boolean {
  return requestId.test(text);
}

/**
 * Makes a request id: 128 bits as 32 hexadecimal digits. `random` gives 0..1; it names requests and guards nothing, so
 * cheap chance is good enough.
 */
export function createRequestId(random: () => number): string {
  return word(random) + word(random) + word(random) + word(random);
}

/** Makes the id of a span in a trace: 64 bits as 16 hexadecimal digits. */
export function createSpanId(random: () => number): string {
  return word(random) + word(random);
}

const requestId = /^[\w.~:/+=-]{1,128}$/;

/** Eight digits of 32 random bits; by two halves, which is cheaper than to pad. */
function word(random: () => number): string {
  const bits = random() * 0x1_0000_0000;
  return half(bits >>> 16) + half(bits & 0xffff);
}

function half(bits: number): string {
  return (octets[bits >>> 8] ?? "") + (octets[bits & 0xff] ?? "");
}

const octets = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
