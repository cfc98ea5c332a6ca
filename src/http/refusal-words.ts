import { failureOf } from "./failures.ts";
import { reasonPhrase } from "./reason-phrases.ts";
import type { Refusal } from "./failures.ts";

/** What a visitor reads: what happened, and what to do about it. */
export type RefusalWords = { readonly title: string; readonly advice: string };

/** Gives the words for a refusal: those of its failure, or of its status where that is its own. */
export function wordsOf({ status, type }: Refusal): RefusalWords {
  const failure = failureOf(type);
  return failure.status === status ? failure : (wordsByStatus[status] ?? failure);
}

/** Gives the words for an error that a server answered with: nothing is known of it but its status. */
export function wordsOfStatus(status: number): RefusalWords {
  const known = wordsByStatus[status] ?? wordsOfServers[status];
  return known ?? { title: reasonPhrase(status), advice: status < 500 ? goBack : tellOwner };
}

const goBack = "Go back and try it in another way; trying the same again will not help.";

const wordsByStatus: Readonly<Record<number, RefusalWords>> = {
  403: failureOf("http_request_denied"),
  404: failureOf("destination_not_found"),
  405: { title: "This address does not take that kind of request", advice: goBack },
  408: {
    title: "The request took too long to arrive",
    advice: "Check your connection, then try again.",
  },
  413: { title: "What you sent is too large", advice: "Send something smaller, or in several parts." },
  414: {
    title: "The address is too long",
    advice: "Shorten the address, or start again from the home page.",
  },
  421: { title: "This address belongs to another connection", advice: "Reload the page." },
  429: {
    title: "That was a little too fast",
    advice: "There were too many requests from your side. Wait a moment, then try again.",
  },
  431: {
    title: "The request’s header is too large",
    advice: "Deleting this site’s cookies in your browser usually helps.",
  },
  501: { title: "This kind of request is not known here", advice: goBack },
  503: failureOf("connection_limit_reached"),
};

const tellOwner =
  "Wait a moment, then try again. If it stays, tell the site’s owner, and quote the request id below.";

const wordsOfServers: Readonly<Record<number, RefusalWords>> = {
  400: failureOf("http_request_error"),
  401: { title: "You have to sign in first", advice: "Sign in, then try again." },
  410: { title: "What was at this address is gone", advice: "Start again from the home page." },
  500: failureOf("proxy_internal_response"),
  502: failureOf("connection_refused"),
  504: failureOf("http_response_timeout"),
};
