import { request } from "node:http";
import type { IncomingMessage } from "node:http";

import {
  type Translation,
  translate,
  type TranslateOptions,
} from "../../../src/control/gateway/translate.ts";
import { startPlaneFor, type TestPlane, type TestPlaneOptions } from "../../kit/start-plane.ts";
import { startServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { type ApiObject, readDocuments, toCluster } from "./read-cluster.ts";
import { serviceObjects } from "./service-objects.ts";

/** A class that is ours, for texts that have none. */
export const gatewayClass: ApiObject = readDocuments(`
kind: GatewayClass
metadata: { name: headgate }
spec: { controllerName: headgate.internal/gateway-controller }
`)[0]!;

/** What a request is. */
export interface Asked {
  readonly method?: string;
  readonly host?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the Gateway's listener. */
  readonly port?: number;
}

/** What came of it. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** What the backend saw; undefined where none was asked. */
  readonly seen: Seen | undefined;
  readonly body: string;
}

/** What a backend saw of a request. */
export interface Seen {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A data plane that runs what a cluster's objects were translated to. */
export interface TestGateway {
  readonly translation: Translation;
  readonly plane: TestPlane;
  readonly ask: (asked: Asked) => Promise<Answered>;
  /** All that backends saw, mirrored requests too. */
  readonly seen: readonly Seen[];
}

/** How a gateway is started. */
export interface TestGatewayOptions extends TestPlaneOptions {
  /** Each gets a server that answers with what it saw; `namespace/name`, or a name in `default`. */
  readonly services?: readonly string[];
  readonly objects?: readonly ApiObject[];
}

const options: TranslateOptions = {
  className: "headgate",
  refusedPorts: new Map(),
  hasManyCertificates: true,
};

/** Translates texts of objects, the class of their Gateways being ours. */
export function translateText(text: string, objects: readonly ApiObject[] = []): Translation {
  return translate(toCluster([gatewayClass, ...readDocuments(text), ...objects]), options);
}

/** Starts a data plane for the objects of a text. Its listeners have ports of their own, whatever the Gateway says. */
export async function startGateway(
  t: Teardown,
  text: string,
  { services = [], objects = [], ...rest }: TestGatewayOptions = {},
): Promise<TestGateway> {
  const seen: Seen[] = [];
  const backends = await Promise.all(services.map((name) => startBackend(t, name, seen)));
  const translation = translateText(text, [...objects, ...backends.flat()]);
  const listeners = Object.fromEntries(
    Object.entries(translation.config.listeners).map(([name]) => [name, { bind: "127.0.0.1:0" }]),
  );
  const plane = await startPlaneFor(t, { ...translation.config, listeners }, rest);
  const ask = (asked: Asked): Promise<Answered> =>
    send(plane.ports[`port-${asked.port ?? 80}`] ?? plane.port, asked);
  return { translation, plane, ask, seen };
}

async function startBackend(t: Teardown, name: string, all: Seen[]): Promise<ApiObject[]> {
  const { port } = await startServer(t, ({ method = "", url = "", headers }, response) => {
    const seen = { service: name, method, path: url, headers: headers as Record<string, string> };
    all.push(seen);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(seen));
  });
  return serviceObjects({ name, endpoints: [`127.0.0.1:${port}`] });
}

function send(port: number, { method = "GET", host = "any.example", path = "/", headers = {} }: Asked) {
  return new Promise<Answered>((resolve, reject) => {
    const sent = request({ port, method, path, headers: { ...headers, host }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(toAnswered(response, Buffer.concat(chunks).toString())));
    });
    sent.on("error", reject);
    sent.end();
  });
}

function toAnswered({ statusCode = 0, headers }: IncomingMessage, body: string): Answered {
  const isSeen = headers["content-type"] === "application/json";
  return { status: statusCode, headers, body, seen: isSeen ? (JSON.parse(body) as Seen) : undefined };
}
