import { Hono } from "hono";
import { createPathRouter } from "./path-router.ts";

/** Whether a route's path pattern takes a canonical path; the same matcher that routes requests. */
export function createPathTest(pattern: string): (matchPath: string) => boolean {
  const { router } = new Hono({ router: createPathRouter([pattern]) }).all(pattern, (context) =>
    context.body(null),
  );
  return (matchPath) => router.match("GET", matchPath)[0].length > 0;
}
