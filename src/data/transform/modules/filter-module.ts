/** What a filter of the user's own may know of an exchange. */
export interface ExchangeView {
  /** The address that the request counts under. */
  readonly client: string;
  readonly requestId: string;
  readonly scheme: "http" | "https";
  /** In lower case, without port. */
  readonly host: string;
  readonly method: string;
  /** Canonical, as it was judged. */
  readonly path: string;
  /** With its leading `?`, or "". */
  readonly query: string;
  readonly listener: string;
  readonly route: string;
  /** "" until one was chosen. */
  readonly upstream: string;
}

/** A filter of the user's own, on objects of the web's standards: the default export of a module. */
export interface FilterModule {
  /** Changes the request in place, gives another to go on with, or answers it. */
  request?(request: Request, exchange: ExchangeView): unknown;
  /** Changes the answer in place, or gives another. */
  response?(response: Response, exchange: ExchangeView): unknown;
}
