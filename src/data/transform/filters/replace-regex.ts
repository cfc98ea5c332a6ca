import type { LinearMatch, LinearRegex } from "../../../config/linear-regex.ts";
import { fillTemplate, searchFrom } from "../../../config/template.ts";
import type { Template } from "../../../config/template.ts";
import type { BodyFilter } from "../body-step.ts";
import type { Charset } from "./charset.ts";

/**
 * How far an expression sees from where a match begins, characters: a longer match is left as it is. What it cannot decide
 * yet is held back, so up to twice as much.
 */
export const WINDOW = 65_536;

/** A body may keep the expression busy for so long, ms, however short it is … */
const FREE_MS = 1_000;

/** … and for so long for each Mi characters: some ten times what an honest text needs. */
const MS_PER_MEGA = 2_000;

/** What is replaced, and how. */
export interface RegexReplacement {
  readonly regex: LinearRegex;
  readonly with: Template;
  readonly charset: Charset;
  /** ms; for the limit of the work that one body may make. */
  readonly monotonicMs: () => number;
}

/**
 * Replaces the first match, or all where the expression is global, in the text of a body.
 *
 * The text is worked on in blocks whose edges depend on nothing but the text, so that the pieces that it arrives in make no
 * difference. Each single search is linear, but a text can be made so that every match costs a look through the whole
 * window: such a body is given up, so that it does not keep the worker from others.
 */
export function replaceRegex(replacement: RegexReplacement): BodyFilter {
  const { charset } = replacement;
  const reader = charset.decoder();
  const blocks = new Blocks(replacement);
  const write = (text: string): Uint8Array => charset.encode(text) ?? new Uint8Array();
  return {
    write: (chunk) => write(blocks.add(reader.write(chunk))),
    end: () => [write(blocks.finish()), reader.rest()],
  };
}

class Blocks {
  readonly #replacement: RegexReplacement;
  /** The text from one character before the block: `^` and `\b` look at that one. */
  #text = "";
  /** Where in the text the block begins. */
  #from = 0;
  #spentMs = 0;
  #seen = 0;
  #isDone = false;

  constructor(replacement: RegexReplacement) {
    this.#replacement = replacement;
  }

  /** Takes the next text, and gives what is decided. */
  add(text: string): string {
    if (this.#isDone) return text;
    this.#text += text;
    this.#seen += text.length;
    const out: string[] = [];
    while (!this.#isDone && this.#text.length - this.#from > 2 * WINDOW) out.push(this.#nextBlock());
    if (this.#isDone) out.push(this.#takeRest());
    return out.join("");
  }

  /** Gives the rest of the text, replaced. */
  finish(): string {
    if (this.#isDone) return "";
    return this.#replaceBefore(this.#text.length + 1) + this.#takeRest();
  }

  #takeRest(): string {
    const rest = this.#text.slice(this.#from);
    this.#text = "";
    this.#from = 0;
    return rest;
  }

  #nextBlock(): string {
    const whole = this.#text;
    this.#text = whole.slice(0, this.#from + 2 * WINDOW);
    const out = this.#replaceBefore(afterCharacter(whole, this.#from + WINDOW));
    const keepFrom = Math.max(0, this.#from - 2);
    this.#text = whole.slice(keepFrom);
    this.#from -= keepFrom;
    return out;
  }

  /** Replaces the matches that begin before a place, and moves on to that place or to the last match's end. */
  #replaceBefore(limit: number): string {
    const { regex, with: template } = this.#replacement;
    const search = regex.search(this.#text);
    const out: string[] = [];
    let place = this.#from;
    while (!this.#isDone) {
      const match = this.#timed(search, place);
      if (!match || match.start >= limit || this.#isCut(match, limit)) break;
      out.push(this.#text.slice(this.#from, match.start), fillTemplate(template, match));
      this.#from = match.end;
      place = searchFrom(this.#text, match);
      this.#isDone = !regex.isGlobal;
    }
    const next = this.#isDone ? this.#from : Math.min(Math.max(this.#from, limit), this.#text.length);
    out.push(this.#text.slice(this.#from, next));
    this.#from = next;
    return out.join("");
  }

  /** Whether a match may go on behind what is seen. */
  #isCut({ end }: LinearMatch, limit: number): boolean {
    return limit <= this.#text.length && end === this.#text.length;
  }

  #timed(search: (from: number) => LinearMatch | undefined, place: number): LinearMatch | undefined {
    const { monotonicMs } = this.#replacement;
    const startedMs = monotonicMs();
    const match = search(place);
    this.#spentMs += monotonicMs() - startedMs;
    if (this.#spentMs > FREE_MS + (this.#seen / 1_048_576) * MS_PER_MEGA)
      throw new Error("the expression takes too long on this body");
    return match;
  }
}

/** The place, or the next where it would part a character of two units. */
function afterCharacter(text: string, place: number): number {
  return (text.codePointAt(place - 1) ?? 0) > 0xff_ff ? place + 1 : place;
}
