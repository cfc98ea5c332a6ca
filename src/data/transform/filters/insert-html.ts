import { Buffer } from "node:buffer";
import { Tokenizer } from "htmlparser2";
import type { BodyFilter } from "../body-step.ts";
import type { TagMark } from "../../../config/tag-mark.ts";
import type { Charset } from "./charset.ts";

/** What is inserted, and where. */
export interface Insertion {
  readonly side: "before" | "after";
  readonly mark: TagMark;
  /** In the body's charset. */
  readonly html: Uint8Array;
  readonly charset: Charset;
}

/**
 * Inserts HTML at the first tag that is one: not in a script, a style, a comment or an attribute. Where there is none it
 * stands at the end.
 *
 * The tokenizer sees one character for each byte (or pair, in UTF-16): tags are ASCII, and so the bytes between stay as
 * they were, whatever they mean.
 */
export function insertHtml(insertion: Insertion): BodyFilter {
  const { html, charset } = insertion;
  const finder = new TagFinder(insertion);
  const heldUnits = insertion.side === "before" ? insertion.mark.name.length + 2 : 0;
  const reader = charset.unitBytes === 2 ? charset.decoder() : undefined;
  let held = Buffer.alloc(0);
  let passedBytes = 0;
  let isDone = false;
  return {
    write(chunk) {
      if (isDone) return chunk;
      finder.write(reader ? reader.write(chunk) : latin1(chunk));
      const bytes = Buffer.concat([held, chunk]);
      const at = finder.place === undefined ? -1 : finder.place * charset.unitBytes - passedBytes;
      isDone = at >= 0;
      if (isDone) return [bytes.subarray(0, at), html, bytes.subarray(at)];
      const keepFrom = Math.max(0, bytes.byteLength - heldUnits * charset.unitBytes - 1);
      held = Buffer.from(bytes.subarray(keepFrom));
      passedBytes += keepFrom;
      return bytes.subarray(0, keepFrom);
    },
    end: () => (isDone ? [] : [held, html]),
  };
}

function latin1(chunk: Uint8Array): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
}

/** Finds the first tag of a name in text that comes in pieces; remembers no more of it than the name's length. */
class TagFinder {
  /** Where the insertion goes, in characters from the start; undefined while it was not found. */
  place: number | undefined;
  readonly #tokenizer: Tokenizer;
  readonly #insertion: Insertion;
  #text = "";
  #textAt = 0;
  /** Whether we are in the tag that was looked for, and wait for its end. */
  #isInTag = false;

  constructor(insertion: Insertion) {
    this.#insertion = insertion;
    this.#tokenizer = new Tokenizer({ decodeEntities: false }, this.#callbacks());
  }

  write(text: string): void {
    const keepFrom = Math.max(0, this.#text.length - this.#insertion.mark.name.length);
    this.#text = this.#text.slice(keepFrom) + text;
    this.#textAt += keepFrom;
    if (this.#isInTag && this.#insertion.mark.isClosing)
      this.#seekEnd(this.#textAt + this.#text.length - text.length);
    this.#tokenizer.write(text);
  }

  #callbacks(): ConstructorParameters<typeof Tokenizer>[1] {
    const { isClosing } = this.#insertion.mark;
    return {
      onattribdata: nothing,
      onattribend: nothing,
      onattribentity: nothing,
      onattribname: nothing,
      oncdata: nothing,
      oncomment: nothing,
      ondeclaration: nothing,
      onend: nothing,
      onprocessinginstruction: nothing,
      ontext: nothing,
      ontextentity: nothing,
      onopentagname: (start, end) => void (isClosing || this.#meet(start, end)),
      onopentagend: (end) => this.#endTag(end),
      onselfclosingtag: (end) => this.#endTag(end),
      onclosetag: (start, end) => void (isClosing && this.#meetClosing(start, end)),
    };
  }

  #meet(start: number, end: number): void {
    if (!this.#isMark(start, end)) return;
    if (this.#insertion.side === "before") this.#settle(start - 1);
    else this.#isInTag = true;
  }

  #meetClosing(start: number, end: number): void {
    if (!this.#isMark(start, end)) return;
    if (this.#insertion.side === "before") return this.#settle(start - 2);
    this.#isInTag = true;
    this.#seekEnd(end);
  }

  /** The tokenizer does not tell where a closing tag ends. */
  #seekEnd(from: number): void {
    const at = this.#text.indexOf(">", from - this.#textAt);
    if (at >= 0) this.#settle(this.#textAt + at + 1);
  }

  #endTag(end: number): void {
    if (this.#isInTag && !this.#insertion.mark.isClosing) this.#settle(end + 1);
  }

  #isMark(start: number, end: number): boolean {
    const { name } = this.#insertion.mark;
    if (this.place !== undefined || end - start !== name.length) return false;
    return this.#text.slice(start - this.#textAt, end - this.#textAt).toLowerCase() === name;
  }

  #settle(place: number): void {
    this.place ??= place;
  }
}

function nothing(): void {}
