import type { Exchange } from "../../exchange/exchange.ts";
import type { ExchangeView } from "./filter-module.ts";

/** What a filter of the user's own gets to see of an exchange: a copy, which it cannot change. */
export function viewOf(exchange: Exchange): ExchangeView {
  const { client, requestId, scheme, host, method, path, query, listener, route, upstream } = exchange;
  return Object.freeze({ client, requestId, scheme, host, method, path, query, listener, route, upstream });
}
