/** A configuration that sends everything to these servers. */
export function proxyTo(
  servers: readonly (string | Readonly<Record<string, unknown>>)[],
  upstream: Readonly<Record<string, unknown>> = {},
): {
  readonly upstreams: Readonly<Record<string, unknown>>;
  readonly routes: readonly Readonly<Record<string, unknown>>[];
} {
  return {
    upstreams: { app: { balance: "round-robin", ...upstream, servers } },
    routes: [{ name: "all", path: "/*", upstream: "app" }],
  };
}
