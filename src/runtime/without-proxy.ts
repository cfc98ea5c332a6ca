import process from "node:process";

const variables = [
  "HTTP_PROXY",
  "http_proxy",
  "HTTPS_PROXY",
  "https_proxy",
  "ALL_PROXY",
  "all_proxy",
] as const;

/**
 * Makes something while the environment names no proxy, and puts the variables back.
 *
 * Deno's HTTP client reads them when it is made and has no way to say "directly": a variable that is meant for somebody
 * else would divert the traffic to servers.
 */
export function withoutProxy<T>(make: () => T): T {
  const kept = variables.map((name) => [name, process.env[name]] as const);
  for (const name of variables) delete process.env[name];
  try {
    return make();
  } finally {
    for (const [name, value] of kept) if (value !== undefined) process.env[name] = value;
  }
}
