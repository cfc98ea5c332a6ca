import { createHmac } from "node:crypto";
import type { Board } from "../../board/board.ts";
import { KeyedHash } from "../../board/keyed-hash.ts";
import type { RateLaw } from "../../board/rates.ts";

/** Where it stands how often each key passed. */
export interface RateTable {
  /** As the board's `takeRate`. */
  take(law: RateLaw, key: string, nowMs: number): number;
  /** Gives back what was just taken. */
  giveBack(law: RateLaw, key: string, nowMs: number): void;
}

/** What tables are made with. */
export interface RateTableTools {
  readonly board: Board;
  /** What keys that nodes share are hashed with: see `createRateSeed`. */
  readonly rateSeed: readonly [number, number];
}

/** The table of a scope: this node's own, or this node's part of the one that all nodes share. */
export function rateTableOf(scope: "node" | "cluster", { board, rateSeed }: RateTableTools): RateTable {
  if (scope === "node")
    return {
      take: (law, key, nowMs) => board.takeRate(law, key, nowMs),
      giveBack: (law, key, nowMs) => board.giveBackRate(law, key, nowMs),
    };
  const hash = new KeyedHash(rateSeed);
  return {
    take: (law, key, nowMs) => board.takeShared(law, hash.text(law.scope, key), nowMs),
    giveBack: (law, key) => board.giveBackShared(law, hash.text(law.scope, key)),
  };
}

/** A seed out of a secret of the snapshot, so that all nodes know a key by the same number, and nobody else does. */
export function createRateSeed(secret: string): readonly [number, number] {
  const bytes = createHmac("sha256", secret).update("headgate rates").digest();
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}
