import type { BanKey } from "../../board/ban-table.ts";
import type { Board } from "../../board/board.ts";
import { refusalCounter, refusalReasons } from "../../board/refusal-reasons.ts";
import type { RefusalReason } from "../../board/refusal-reasons.ts";
import type { BanConfig } from "../../config/config.ts";
import { refusalOf } from "../../http/failures.ts";
import { clientPrefix, parseIp } from "../../http/address/ip-address.ts";
import { describeIpv4 } from "../../http/address/ipv4.ts";
import { describeIpv6 } from "../../http/address/ipv6.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Check, LimitTools } from "./denial.ts";

/** A ban as people, storage and other nodes know it. */
export interface ClientBan {
  /** An address, or the prefix of an IPv6 one: `2001:db8::/64`. */
  readonly client: string;
  /** Wall clock, ms. */
  readonly until: number;
  readonly reason: RefusalReason;
  /** How many refusals led to it; 0 where a person did. */
  readonly refusals: number;
}

/** Refuses who was refused too often, and whom a person has banned. */
export function checkBan({ board, now }: LimitTools): Check {
  return ({ client }) => {
    if (!board.isAnyBanned(now())) return undefined;
    const key = keyOf(client);
    const leftMs = key ? board.bannedMs(key, now()) : 0;
    if (leftMs === 0) return undefined;
    const retryAfterSeconds = Math.ceil(leftMs / 1000);
    return { reason: "ban", refusal: refusalOf("http_request_denied", { retryAfterSeconds }) };
  };
}

/** The limits whose refusals count: what a client can mend by itself. */
const struck: ReadonlySet<RefusalReason> = new Set([
  "uri",
  "headers",
  "body",
  "rate",
  "concurrency_client",
  "upload_rate",
]);

/** Counts a refusal towards a ban. */
export function createStrike(
  { after, window, for: forMs }: BanConfig,
  { board, now }: LimitTools,
): (exchange: Exchange, reason: RefusalReason) => void {
  const law = { after, windowMs: window, forMs };
  return ({ client }, reason) => {
    const key = struck.has(reason) ? keyOf(client) : undefined;
    if (key) board.strike(key, { law, reason: refusalCounter(reason) }, now());
  };
}

/** The bans in force on all workers. */
export function listBans(board: Board, nowMs: number): ClientBan[] {
  return board.listBans(nowMs).map(({ key, untilMs, reason, refusals }) => ({
    client: describeKey(key),
    until: untilMs,
    reason: refusalReasons[reason] ?? "rate",
    refusals,
  }));
}

/** Ends the ban of an address or prefix on all workers; false where there is none. */
export function liftBan(board: Board, client: string, nowMs: number): boolean {
  const key = keyOf(client);
  return key !== undefined && board.liftBan(key, nowMs);
}

/**
 * Bans an address or prefix on all workers, because a person wants it: for the reason `ban`, which no refusal leads to.
 * Gives the ban as it is listed; undefined where the client is no address, or where there is no room.
 */
export function banByHand(
  board: Board,
  { client, until }: Pick<ClientBan, "client" | "until">,
  nowMs: number,
): ClientBan | undefined {
  restoreBan(board, { client, until, reason: "ban", refusals: 0 }, nowMs);
  const name = banName(client);
  return listBans(board, nowMs).find((ban) => ban.client === name);
}

/** Under which name the ban of an address or prefix is listed; undefined where the client is no address. */
export function banName(client: string): string | undefined {
  const key = keyOf(client);
  return key && describeKey(key);
}

/** Puts a ban in force on all workers that storage or another node remembers. */
export function restoreBan(board: Board, ban: ClientBan, nowMs: number): void {
  const key = keyOf(ban.client);
  if (!key || ban.until <= nowMs) return;
  const reason = refusalCounter(ban.reason);
  board.ban({ key, untilMs: ban.until, reason, refusals: ban.refusals }, nowMs);
}

/** Undefined for a client without an address: a caller of the library, or a socket of the file system. */
function keyOf(client: string): BanKey | undefined {
  const ip = parseIp(client.replace(/\/64$/, ""));
  if (!ip) return undefined;
  const [first = 0, second = 0] = ip.words;
  return ip.version === 4
    ? { version: 4, high: 0, low: first | 0 }
    : { version: 6, high: first | 0, low: second | 0 };
}

function describeKey({ version, high, low }: BanKey): string {
  return version === 4 ? describeIpv4(low) : clientPrefix(describeIpv6([high >>> 0, low >>> 0, 0, 0]));
}
