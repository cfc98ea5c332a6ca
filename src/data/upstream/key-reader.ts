import type { UpstreamConfig } from "../../config/config.ts";
import { parseSource } from "../../config/source.ts";
import { cookieValue } from "../../http/fields/cookies.ts";
import { readQuery } from "../../http/query.ts";
import { hashText } from "../balance/hash-text.ts";
import type { Exchange } from "../exchange/exchange.ts";

/** The hash of what an exchange is kept with its server by. */
export type KeyReader = (exchange: Exchange) => number;

/** Reads the key that `hash` asks for. A request without it counts by its client's address. */
export function createKeyReader({ balance, hash }: UpstreamConfig): KeyReader {
  if (balance !== "hash") return () => 0;
  const read = readerOf(hash);
  return (exchange) => hashText(read(exchange) ?? exchange.client);
}

function readerOf(hash: string): (exchange: Exchange) => string | null | undefined {
  const { kind, name } = parseSource(hash);
  switch (kind) {
    case "path":
      return ({ path }) => path;
    case "header":
      return ({ request }) => request.headers.get(name);
    case "cookie":
      return ({ request }) => cookieValue(request.headers.get("cookie"), name);
    case "query":
      return ({ query }) => readQuery(query, name);
    default:
      return ({ client }) => client;
  }
}
