import { BanTable } from "./ban-table.ts";
import type { BanKey } from "./ban-table.ts";
import type { Memory } from "./memory.ts";

/** When refusals lead to a ban. */
export interface BanLaw {
  /** So many refusals… */
  readonly after: number;
  /** …within this time, ms, … */
  readonly windowMs: number;
  /** …ban for this time, ms. */
  readonly forMs: number;
}

/** A ban in force. */
export interface Ban {
  readonly key: BanKey;
  /** Wall clock, ms. */
  readonly untilMs: number;
  /** What the last refusal before it was for: a number of the caller's. */
  readonly reason: number;
  /** Refusals since the window began. */
  readonly refusals: number;
}

/** Clients that were refused too often, for all threads at once. */
export interface Bans {
  /** Whether somebody may be banned: false spares a look for who it is. */
  isAnyBanned(nowMs: number): boolean;
  /** How long a client is still banned, ms; 0 where it is not. */
  bannedMs(key: BanKey, nowMs: number): number;
  /** Counts a refusal for a reason; true where it led to a ban. */
  strike(key: BanKey, { law, reason }: { law: BanLaw; reason: number }, nowMs: number): boolean;
  /** Puts a ban in force, whatever the client did: one that storage or another node remembers. */
  ban(ban: Ban, nowMs: number): void;
  /** Every ban in force. */
  listBans(nowMs: number): Ban[];
  /** Ends a ban and forgets the refusals; false where there is none. */
  liftBan(key: BanKey, nowMs: number): boolean;
}

/** Bans of this memory. Refusals are counted from the first one on, and anew when the window, or a ban, is over. */
export function createBans(memory: Memory): Bans {
  const table = new BanTable(memory);
  return {
    isAnyBanned: (nowMs) => !table.isIdle(nowMs),
    bannedMs(key, nowMs) {
      const at = table.isIdle(nowMs) ? -1 : table.find(key);
      return at < 0 ? 0 : table.leftMs(at, nowMs);
    },
    strike(key, { law, reason }, nowMs) {
      const at = table.enter(key, nowMs);
      if (at < 0) return false;
      const refusals = table.countRefusal(at, law.windowMs, nowMs);
      const isBan = refusals >= law.after && table.leftMs(at, nowMs) === 0;
      if (isBan) table.banUntil(at, { untilMs: nowMs + law.forMs, reason }, nowMs);
      return isBan;
    },
    ban: (ban, nowMs) => enforce(table, ban, nowMs),
    listBans: (nowMs) => listBans(table, nowMs),
    liftBan(key, nowMs) {
      const at = table.find(key);
      if (at < 0 || table.leftMs(at, nowMs) === 0) return false;
      table.clear(at);
      return true;
    },
  };
}

function enforce(table: BanTable, { key, untilMs, reason, refusals }: Ban, nowMs: number): void {
  const at = table.enter(key, nowMs);
  if (at < 0) return;
  table.write(at, "refusals", refusals);
  table.banUntil(at, { untilMs, reason }, nowMs);
}

function listBans(table: BanTable, nowMs: number): Ban[] {
  return table.banned(nowMs).map((at) => ({
    key: table.keyOf(at),
    untilMs: nowMs + table.leftMs(at, nowMs),
    reason: table.read(at, "reason"),
    refusals: table.read(at, "refusals"),
  }));
}
