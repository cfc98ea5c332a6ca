import { addPieces, toBodyStep } from "./body-step.ts";
import type { BodyFilter, BodyStep } from "./body-step.ts";
import type { Encoder } from "./encoders.ts";
import { joinBytes } from "./join-bytes.ts";
import { StageFault } from "./stage-fault.ts";

/** What a body goes through, in order. */
export interface PassageParts {
  readonly decode: (() => BodyStep) | undefined;
  readonly filters: readonly (BodyFilter | BodyStep)[];
  readonly encoder: Encoder | undefined;
}

/**
 * The way of one body through the stage. Nobody pushes: a piece is made when the client takes one, so that a slow client
 * slows the server, and however much a body grows on its way, only a few chunks of it are in memory.
 */
export class Passage {
  readonly #parts: PassageParts;
  #links: readonly Link[] | undefined;

  constructor(parts: PassageParts) {
    this.#parts = parts;
  }

  /** Sends a body that is at hand through all at once, without a thread or a stream; undefined where it must stream. */
  whole(bytes: Uint8Array): Uint8Array | undefined {
    const { decode, filters, encoder } = this.#parts;
    if (decode || !filters.every(isFilter)) return undefined;
    const filtered = guarded(() => filters.reduce(filterWhole, bytes));
    return encoder ? encoder.whole(filtered) : filtered;
  }

  /** Sends a short body that is at hand through steps that may wait. */
  async gather(bytes: Uint8Array): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    try {
      this.write(bytes);
      this.end();
      for (let piece = await this.next(); piece; piece = await this.next()) pieces.push(piece);
      return joinBytes(pieces);
    } finally {
      this.close();
    }
  }

  /** Takes a chunk of the server's; only after `next` has given undefined. */
  write(chunk: Uint8Array): void {
    const [first] = this.#open();
    guarded(() => first?.step.push(chunk));
    for (const link of this.#open()) link.isFlushed = false;
  }

  /** The server pauses: gives the client all that can be given by now. */
  flush(): void {
    for (const link of this.#open()) link.wantsFlush = true;
  }

  /** Whether all that was written was flushed too. */
  isFlushed(): boolean {
    return this.#open().every(({ isFlushed }) => isFlushed);
  }

  /** The server's body has ended. */
  end(): void {
    endLink(this.#open()[0]);
  }

  /** The next piece for the client; undefined where it takes another chunk of the server's, or where all has passed. */
  next(): Promise<Uint8Array | undefined> {
    return pull(this.#open(), this.#open().length - 1);
  }

  /** How many bytes the steps have made since this was asked last. */
  takeMadeBytes(): number {
    let bytes = 0;
    for (const link of this.#links ?? []) {
      bytes += link.madeBytes;
      link.madeBytes = 0;
    }
    return bytes;
  }

  /** Frees what the steps hold, at any time. */
  close(): void {
    for (const { step } of this.#links ?? []) step.close();
  }

  #open(): readonly Link[] {
    this.#links ??= stepsOf(this.#parts).map((step) => ({
      step,
      isEnded: false,
      wantsFlush: false,
      isFlushed: true,
      madeBytes: 0,
    }));
    return this.#links;
  }
}

/** A step and what it was told. */
interface Link {
  readonly step: BodyStep;
  isEnded: boolean;
  wantsFlush: boolean;
  isFlushed: boolean;
  madeBytes: number;
}

function stepsOf({ decode, filters, encoder }: PassageParts): BodyStep[] {
  return [
    ...(decode ? [decode()] : []),
    ...filters.map((filter) => (isFilter(filter) ? toBodyStep(filter) : filter)),
    ...(encoder ? [encoder.stream()] : []),
  ];
}

/** Pulls the next piece out of a step, and feeds it from the steps before it while it has none. */
async function pull(links: readonly Link[], at: number): Promise<Uint8Array | undefined> {
  const link = links[at];
  if (!link) return undefined;
  for (;;) {
    const piece = await link.step.next();
    link.madeBytes += piece?.byteLength ?? 0;
    if (piece) return piece;
    const input = await pull(links, at - 1);
    if (input) guarded(() => link.step.push(input));
    else if (!tellLink(link, links[at - 1])) return undefined;
  }
}

/** Tells a step whose input has run dry that this is the end, or a pause; false where there is nothing new to tell. */
function tellLink(link: Link, before: Link | undefined): boolean {
  if (before?.isEnded && !link.isEnded) {
    endLink(link);
    return true;
  }
  if (!link.wantsFlush || link.isEnded) return false;
  link.wantsFlush = false;
  link.isFlushed = true;
  link.step.flush();
  return true;
}

function endLink(link: Link | undefined): void {
  if (!link || link.isEnded) return;
  link.isEnded = true;
  guarded(() => link.step.end());
}

function isFilter(part: BodyFilter | BodyStep): part is BodyFilter {
  return "write" in part;
}

function filterWhole(bytes: Uint8Array, filter: BodyFilter): Uint8Array {
  const pieces: Uint8Array[] = [];
  addPieces(pieces, filter.write(bytes));
  addPieces(pieces, filter.end());
  return joinBytes(pieces);
}

/** A filter that throws is our own fault, not the server's. */
function guarded<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof StageFault) throw error;
    throw new StageFault("proxy_internal_error", `Cannot filter the body: ${String(error)}`, error);
  }
}
