import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";
import { charsetOf } from "./charset.ts";
import type { Charset } from "./charset.ts";

/** What works on JSON of one byte a character or more, and what on UTF-16. */
export interface ByWidth {
  readonly narrow: () => BodyFilter;
  readonly wide: (charset: Charset) => BodyFilter;
}

/**
 * Looks at the first bytes before it chooses, as many as a byte order mark may have: JSON begins with an ASCII character, and in UTF-16 one half of that is zero,
 * where there is no byte order mark. What the label says would be a worse guess.
 */
export function byWidth({ narrow, wide }: ByWidth): BodyFilter {
  let first: Uint8Array = new Uint8Array();
  let filter: BodyFilter | undefined;
  const begin = (): BodyFilter => {
    const charset = charsetOf(wideLabelOf(first) ?? "");
    filter = charset ? wide(charset) : narrow();
    return filter;
  };
  return {
    write(chunk) {
      if (filter) return filter.write(chunk);
      first = first.byteLength === 0 ? chunk : Buffer.concat([first, chunk]);
      if (first.byteLength >= 3) return begin().write(first);
      first = Uint8Array.from(first); // a chunk is only lent
      return [];
    },
    end() {
      const rest = filter ? [] : listed(begin().write(first));
      return [...rest, ...listed(filter?.end() ?? [])];
    },
  };
}

function wideLabelOf([first = 1, second = 1]: Uint8Array): string | undefined {
  const marked = marks.get(first * 256 + second);
  if (marked !== undefined || (first === 0) === (second === 0)) return marked;
  return first === 0 ? "utf-16be" : "utf-16le";
}

const marks: ReadonlyMap<number, string> = new Map([
  [0xff_fe, "utf-16le"],
  [0xfe_ff, "utf-16be"],
]);

/** Lets a filter of UTF-8 work on UTF-16. What is no text there passes from then on as it is. */
export function transcoded(filter: BodyFilter, charset: Charset): BodyFilter {
  const reader = charset.decoder();
  let half = "";
  let isText = true;
  const back = (pieces: Uint8Array | readonly Uint8Array[]): Uint8Array =>
    charset.encode(Buffer.concat(listed(pieces)).toString("utf8")) ?? new Uint8Array();
  return {
    write(chunk) {
      const text = half + reader.write(chunk);
      half = isText && isHigh(text.charCodeAt(text.length - 1)) ? text.slice(-1) : "";
      const whole = half === "" ? text : text.slice(0, -1);
      isText &&= whole.isWellFormed();
      return isText ? back(filter.write(Buffer.from(whole, "utf8"))) : (charset.encode(whole) ?? []);
    },
    end: () => [back(filter.end()), charset.encode(half) ?? new Uint8Array(), reader.rest()],
  };
}

function isHigh(unit: number): boolean {
  return unit >> 10 === 0xd8_00 >> 10;
}

function listed(pieces: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return pieces instanceof Uint8Array ? [pieces] : pieces;
}
