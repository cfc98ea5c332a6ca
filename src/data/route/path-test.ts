import { Hono } from "hono";

/** Whether a route's path pattern takes a canonical path; the same matcher that routes requests. */
export function createPathTest(pattern: string): (matchPath: string) => boolean {
  const { router } = new Hono().all(pattern, (context) => context.body(null));
  return (matchPath) => router.match("GET", matchPath)[0].length > 0;
}
