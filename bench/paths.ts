/** Bytes of the body that small requests get. */
export const SMALL_BYTES = 130;

/** Bytes of a WebSocket's message. */
export const MESSAGE_BYTES = 128;

/** Bytes of JSON that are to be compressed. */
export const JSON_BYTES = 50_000;

/** What the many routes are asked for, one path a route. */
export const ROUTE_PATHS: readonly string[] = Array.from(
  { length: 100 },
  (_, index) => `/route-${index}/small`,
);

/** Bodies that are too large to keep in memory, bytes by path. */
export const LARGE_PATHS: Readonly<Record<string, number>> = {
  "/100m": 100_000_000,
  "/1g": 1_000_000_000,
};

/** How fast the slow server takes a body. */
export const SLOW_UPLOAD_BYTES_PER_SECOND = 5_000_000;
