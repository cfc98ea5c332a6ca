import type { ActiveHealthConfig } from "../../config/config.ts";
import type { Host } from "../../runtime/host.ts";
import type { Client } from "../../runtime/client.ts";

/** What a probe found. */
export type ProbeResult = { readonly passed: true } | { readonly passed: false; readonly why: string };

/** Whom a probe asks, and how. */
export interface ProbeTarget {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Host and port for the Host field, unless the configuration names another. */
  readonly authority: string;
  readonly config: ActiveHealthConfig;
  readonly client: Client;
}

/** The most that is read of an answer to find the text in, bytes. */
const MAX_BODY_BYTES = 65_536;

/** Asks a server once whether it is well. Never rejects, follows no redirect, and counts in no statistics. */
export async function probe(
  { origin, authority, config, client }: ProbeTarget,
  host: Host,
): Promise<ProbeResult> {
  const cut = new AbortController();
  const timer = host.time.after(config.timeout, () => cut.abort());
  try {
    const headers = new Headers({
      host: config.host || authority,
      "user-agent": "headgate-probe",
      accept: "*/*",
    });
    const { method, path } = config;
    const response = await client.fetch(origin + path, { method, headers, body: null, signal: cut.signal });
    return await judge(response, config);
  } catch (error) {
    return {
      passed: false,
      why: cut.signal.aborted ? "no answer in time" : words[host.classifyError(error)],
    };
  } finally {
    timer.stop();
    cut.abort();
  }
}

const words = {
  refused: "connection refused",
  dns: "its name cannot be resolved",
  tls: "no TLS connection",
  certificate: "its certificate is not accepted",
  "connect-timeout": "it does not accept connections in time",
  reset: "it closed the connection",
  protocol: "its answer is not HTTP",
  "long-head": "its answer has too long a head",
  coding: "its answer has an unknown transfer coding",
  aborted: "no answer in time",
  unwritable: "the request cannot be written",
  unknown: "it cannot be reached",
} as const;

async function judge(response: Response, { status, body }: ActiveHealthConfig): Promise<ProbeResult> {
  const isExpected = status.some(({ from, to }) => response.status >= from && response.status <= to);
  if (!isExpected) return { passed: false, why: `status ${response.status}` };
  if (body === "" || (await readStart(response)).includes(body)) return { passed: true };
  return { passed: false, why: "the answer does not contain the text" };
}

async function readStart(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MAX_BODY_BYTES) break;
  }
  return text;
}
