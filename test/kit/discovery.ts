import { parse } from "valibot";

import { type StatusAnswer, statusAnswer } from "../../src/control/admin/answers.ts";
import type { PlainObject } from "./kubernetes-objects.ts";
import type { RunningProxy } from "./start-proxy.ts";
import { startServer } from "./start-server.ts";
import type { Teardown } from "./teardown.ts";

/** Where EndpointSlices lie. */
export const slices = "/apis/discovery.k8s.io/v1/endpointslices";

/** An endpoint of a slice, as a test says it. */
export interface TestEndpoint {
  readonly address: string;
  /** The pod's name; absent = there is no pod behind it. */
  readonly pod?: string;
  readonly conditions?: Readonly<Record<string, boolean>>;
}

/** Makes a slice of the Service shop/app whose port is called http. */
export function sliceOf(
  name: string,
  port: number,
  endpoints: readonly (string | TestEndpoint)[],
): PlainObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace: "shop", labels: { "kubernetes.io/service-name": "app" } },
    addressType: "IPv4",
    ports: [{ name: "http", port, protocol: "TCP" }],
    endpoints: endpoints.map((endpoint) =>
      toEndpoint(typeof endpoint === "string" ? { address: endpoint } : endpoint),
    ),
  };
}

function toEndpoint({
  address,
  pod,
  conditions = { ready: true, serving: true, terminating: false },
}: TestEndpoint) {
  const targetRef =
    pod === undefined ? undefined : { kind: "Pod", name: pod, namespace: "shop", uid: `uid-${pod}` };
  return { addresses: [address], conditions, targetRef };
}

/** Starts servers on several addresses of the loopback net, all on one port; each answers with its address. */
export async function startServersAt(t: Teardown, addresses: readonly string[]): Promise<number> {
  let port = 0;
  for (const address of addresses) {
    const server = await startServer(t, (_, response) => response.end(address), { address, port });
    port = server.port;
  }
  return port;
}

/** Who answers, over some requests; a status where it is not 200. */
export async function answersOf({ url }: Pick<RunningProxy, "url">, count = 12): Promise<string[]> {
  const answers = new Set<string>();
  for (let index = 0; index < count; index++) {
    const response = await fetch(url);
    const text = await response.text();
    answers.add(response.status === 200 ? text : String(response.status));
  }
  return [...answers].toSorted();
}

/** How an upstream's only source does, by the status. */
export async function sourceOf({ adminUrl }: Pick<RunningProxy, "adminUrl">): Promise<SourceAnswer> {
  const response = await fetch(`${adminUrl}/api/status`);
  const { upstreams } = parse(statusAnswer, await response.json());
  const source = upstreams[0]?.discovery?.sources[0];
  if (!source) throw new Error("The status has no source of servers");
  return source;
}

type SourceAnswer = NonNullable<StatusAnswer["upstreams"][number]["discovery"]>["sources"][number];
