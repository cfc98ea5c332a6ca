import { Buffer } from "node:buffer";
import type { BodyFilter } from "../body-step.ts";
import { charsetOf } from "./charset.ts";
import type { Charset } from "./charset.ts";

/** Makes the filter of one body in a charset; undefined where it cannot write what it would have to. */
export type OpenText = (charset: Charset) => BodyFilter | undefined;

/**
 * Makes filters of texts that work in the body's own charset: that of its byte order mark, of its label, or UTF-8. A body in
 * a charset that we cannot write back passes untouched, and the log says so, once.
 */
export function textBody(open: OpenText, report: (message: string) => void) {
  const told = new Set<string>();
  const tell = (label: string): void => {
    if (told.has(label) || told.size >= MAX_TOLD) return;
    told.add(label);
    report(`cannot work on bodies in the charset "${label}": they pass untouched`);
  };
  return (contentType: string | null): BodyFilter | undefined => {
    const label = labelIn(contentType ?? "") ?? "utf-8";
    const charset = charsetOf(label);
    const filter = charset && open(charset);
    if (!filter) {
      tell(label);
      return undefined;
    }
    return markedBody(filter, (byMark) => {
      const other = charsetOf(byMark);
      return (other && open(other)) ?? passing;
    });
  };
}

/** A server that labels at random must not fill the log. */
const MAX_TOLD = 20;

const passing: BodyFilter = { write: (chunk) => chunk, end: () => [] };

/** The charset that a Content-Type field names. */
export function labelIn(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1];
}

const marks: readonly (readonly [mark: readonly number[], charset: string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** Waits for the first three bytes, since they may say how the rest is written. */
function markedBody(byLabel: BodyFilter, byMark: (charset: string) => BodyFilter): BodyFilter {
  let first: Uint8Array = new Uint8Array();
  let filter: BodyFilter | undefined;
  const begin = (): readonly Uint8Array[] => {
    const [mark, charset] = marks.find(([bytes]) => bytes.every((byte, at) => first[at] === byte)) ?? [[]];
    filter = charset === undefined ? byLabel : byMark(charset);
    return [first.subarray(0, mark.length), ...listed(filter.write(first.subarray(mark.length)))];
  };
  return {
    write(chunk) {
      if (filter) return filter.write(chunk);
      first = Buffer.concat([first, chunk]);
      return first.byteLength < 3 ? [] : begin();
    },
    end() {
      const begun = filter ? [] : begin();
      return [...begun, ...listed(filter?.end() ?? [])];
    },
  };
}

function listed(pieces: Uint8Array | readonly Uint8Array[]): readonly Uint8Array[] {
  return pieces instanceof Uint8Array ? [pieces] : pieces;
}
