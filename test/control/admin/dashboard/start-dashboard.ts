import { startProxy } from "../../../kit/start-proxy.ts";
import { startServer } from "../../../kit/start-server.ts";
import type { Teardown } from "../../../kit/teardown.ts";

/** What the status says of a server, as far as tests look at it. */
export interface ServerStatus {
  readonly name: string;
  readonly weight: number;
  readonly state: string;
  readonly override: object | null;
}

/** Two servers, one of which can be made to fail, behind a proxy whose dashboard is to be opened. */
export async function startTwo(t: Teardown, more: object = {}) {
  let isFailing = false;
  const good = await startServer(t);
  const moody = await startServer(t, (_, response) => {
    response.statusCode = isFailing ? 500 : 200;
    response.end("so so");
  });
  const config = {
    upstreams: {
      app: {
        balance: "round-robin",
        servers: [
          { name: "good", url: good.url },
          { name: "moody", url: moody.url, weight: 2 },
        ],
      },
    },
    routes: [{ name: "everything", path: "/*", upstream: "app" }],
    ...more,
  };
  const proxy = await startProxy(t, config);
  const fail = () => {
    isFailing = true;
  };
  const ask = async (times: number) => {
    for (let n = 0; n < times; n++) await (await fetch(proxy.url)).text();
  };
  const serverNamed = (name: string) => readServer(proxy.adminUrl, name);
  return { ...proxy, config, good, moody, fail, ask, serverNamed };
}

async function readServer(adminUrl: string, name: string): Promise<ServerStatus | undefined> {
  const status = (await (await fetch(`${adminUrl}/api/status`)).json()) as {
    readonly upstreams: readonly { readonly servers: readonly ServerStatus[] }[];
  };
  return status.upstreams[0]?.servers.find((server) => server.name === name);
}
