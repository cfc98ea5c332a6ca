/** What programs import from `headgate`: the whole proxy, or its data plane as a Hono app. */

export { type App, createApp } from "./control/create-app.ts";
export { ConfigError } from "./control/configuration/config-error.ts";
export { LoadBalancer, type LoadBalancerOptions } from "./control/load-balancer.ts";
export type { ListenerAddress } from "./data/plane.ts";
