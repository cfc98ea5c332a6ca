import { loadCase } from "../load-case.ts";
import { ROUTE_PATHS, SMALL_BYTES } from "../paths.ts";

/** What finding a route costs: every one of 100 is asked for in turn. */
export const routes = loadCase({
  name: "routes-100",
  summary: "130 bytes through 100 routes, each in turn, over 32 keep-alive connections",
  peers: ["bare-bun", "headgate", "nginx", "haproxy"],
  load: { paths: ROUTE_PATHS, expectedBytes: SMALL_BYTES },
  hasFixedRate: true,
  routes: ROUTE_PATHS.map((path) => path.slice(0, path.lastIndexOf("/"))),
});
