import type { Exchange } from "../../exchange/exchange.ts";
import type { Passage } from "../../transform/passage.ts";
import { StageFault } from "../../transform/stage-fault.ts";
import { giveUp } from "../attempt.ts";
import type { Attempt } from "../attempt.ts";
import type { ForwardTools } from "../forward-tools.ts";
import { noteGarbage } from "./note-garbage.ts";
import type { ReadAhead } from "./read-ahead.ts";

/** How long the server may pause before the client gets what the stage has kept by then, ms; a tick more at most. */
const PAUSE_MS = 10;

/** A body on its way through its route's stage. */
export class StagedBody {
  readonly passage: Passage;
  #hasEnded = false;

  constructor(passage: Passage) {
    this.passage = passage;
  }

  /** Feeds the stage with the server's chunks until it has a piece for the client; undefined = all has passed. */
  async next(reader: ReadAhead, source: ChunkSource, tools: ForwardTools): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = await this.passage.next();
      noteGarbage(this.passage.takeMadeBytes(), tools);
      if (piece || this.#hasEnded) return piece;
      if (!this.passage.isFlushed() && (await pauses(reader, tools))) this.passage.flush();
      else this.#feed(await source(), tools);
    }
  }

  #feed(chunk: Uint8Array | undefined, tools: ForwardTools): void {
    if (chunk) {
      noteGarbage(chunk.byteLength, tools);
      return this.passage.write(chunk);
    }
    this.#hasEnded = true;
    this.passage.end();
  }
}

/** Reads the server's next chunk within its time limits; undefined = the end. */
type ChunkSource = () => Promise<Uint8Array | undefined>;

/** Whether the server takes its time over the next chunk; the read stays pending for whoever wants that. */
function pauses(reader: ReadAhead, { deadlines }: ForwardTools): Promise<boolean> {
  if (reader.chunks.length > 0) return Promise.resolve(false);
  reader.pending ??= reader.source.read();
  const { pending } = reader;
  return new Promise((resolve) => {
    const pause = deadlines.after(PAUSE_MS, () => resolve(true));
    const go = (): void => {
      pause.stop();
      resolve(false);
    };
    pending.then(go, go);
  });
}

/** Gives an attempt up whose answer the stage could not work on; what is our own fault is told. */
export function blameStage(attempt: Attempt, error: unknown, tools: ForwardTools): void {
  if (!(error instanceof StageFault) || attempt.fault !== undefined) return;
  tellStageFault(attempt.exchange, error, tools);
  giveUp(attempt, error.fault);
}

/** Says in the log what went wrong inside; a body that cannot be decoded is the server's affair. */
export function tellStageFault(exchange: Exchange, error: StageFault, tools: ForwardTools): void {
  if (error.fault === "proxy_internal_error") tools.reportFault(exchange, error);
}
