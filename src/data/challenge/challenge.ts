import { CheckedFields } from "../../http/fields/checked-fields.ts";
import type { OutgoingAnswer } from "../../http/outgoing-answer.ts";
import type { LimitsConfig } from "../../config/config.ts";
import { cookieValue, serialiseSetCookie } from "../../http/fields/cookies.ts";
import { challengeField, wantsPage } from "../../http/pages/error-answer.ts";
import type { Challenge } from "../../http/failures.ts";
import type { Exchange } from "../exchange/exchange.ts";
import { isProof } from "./proof.ts";
import type { Seals } from "./seals.ts";

/** Asks browsers for work, and knows those again that have done it. Without state: the client carries everything. */
export interface Challenges {
  /** What a browser is asked to solve; undefined for a client that could not. */
  ask(exchange: Exchange, client: string): Challenge | undefined;
  /** The name of the clearance that a client has worked for; undefined where it has none that is good enough. */
  clearanceOf(exchange: Exchange, client: string): string | undefined;
  /** Trades a solution for a clearance; undefined where the exchange brings none, or a wrong one. */
  redeem(exchange: Exchange, client: string): OutgoingAnswer | undefined;
}

/** What challenges are made with. */
export interface ChallengeTools {
  readonly seals: Seals;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Keeps names apart; no secret hangs on it. */
  readonly random: () => number;
}

/** The cookie that holds a clearance: between the client and us, no server sees it. */
export const clearanceCookie = "headgate-clearance";

/** How long a challenge may take, seconds: the hardest that are sensible take a phone some minutes. */
const SOLVE_WITHIN_SECONDS = 1_800;

/** Challenges by the settings of a route. */
export function createChallenges(
  { difficulty, ttl }: LimitsConfig["challenge"],
  { seals, now, random }: ChallengeTools,
): Challenges {
  return {
    ask(exchange, client) {
      if (!canSolve(exchange)) return undefined;
      const untilSeconds = Math.ceil(now() / 1000) + SOLVE_WITHIN_SECONDS;
      const token = seals.close("challenge", client, { untilSeconds, difficulty, id: newId(random) });
      return { token, difficulty };
    },
    clearanceOf({ request }, client) {
      const text = cookieValue(request.headers.get("cookie"), clearanceCookie);
      const seal = text === undefined ? undefined : seals.open("clearance", client, text);
      return seal && seal.difficulty >= difficulty ? seal.id : undefined;
    },
    redeem(exchange, client) {
      const solution = exchange.request.headers.get(challengeField);
      const token = solution?.slice(0, solution.lastIndexOf(".")) ?? "";
      const seal = solution === null ? undefined : seals.open("challenge", client, token);
      if (!seal || !isProof(solution ?? "", seal.difficulty)) return undefined;
      const untilSeconds = Math.ceil((now() + ttl) / 1000);
      return clear(exchange, seals.close("clearance", client, { ...seal, untilSeconds }), ttl);
    },
  };
}

/** Whoever shows a page and comes back by itself: a browser that asks for one. */
function canSolve({ method, request }: Exchange): boolean {
  return (method === "GET" || method === "HEAD") && wantsPage(request.headers.get("accept"));
}

function newId(random: () => number): string {
  return Math.floor(random() * 36 ** 9)
    .toString(36)
    .padStart(9, "0");
}

/** The client asks again by itself: so there is no address to send it to, and none that somebody could forge. */
function clear({ scheme, requestId }: Exchange, clearance: string, ttlMs: number): OutgoingAnswer {
  const cookie = serialiseSetCookie(clearanceCookie, clearance, {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: scheme === "https",
    maxAgeSeconds: Math.ceil(ttlMs / 1000),
  });
  const fields = { "set-cookie": cookie, "cache-control": "no-store", "x-request-id": requestId };
  return { status: 204, headers: new CheckedFields(fields), body: null };
}
