import * as v from "valibot";
import type { TracingConfig } from "../../config/config.ts";
import { toBasic } from "../../config/server-url.ts";
import type { Spans } from "../../data/trace/span-batch.ts";
import type { Host } from "../../runtime/host.ts";
import type { Client } from "../../runtime/client.ts";
import { redactUserinfo } from "../log.ts";

/** What became of spans that were sent. */
export type Verdict =
  /** The collector has them, but for those that it would not take. */
  | { readonly type: "taken"; readonly rejected: number; readonly reason: string }
  /** It will never take them. */
  | { readonly type: "refused"; readonly reason: string }
  /** It may take them another time, after `afterMs` where it said so. */
  | { readonly type: "later"; readonly reason: string; readonly afterMs: number | undefined };

/** Where spans are sent. */
export interface Collector {
  /** For people: without user and password. */
  readonly name: string;
  /** Sends spans. Never rejects. */
  send(spans: Spans): Promise<Verdict>;
  close(): void;
}

/** What a collector is spoken to with. */
export interface CollectorTools {
  readonly host: Host;
  /** The text that stands before and behind the spans: who they are of. */
  readonly frame: readonly [before: string, behind: string];
}

/** How long a collector may take to answer, ms. */
const ANSWER_MS = 10_000;

/** How long a connection is kept between batches, ms. */
const IDLE_CONNECTION_MS = 4_000;

/**
 * Speaks OTLP over HTTP to a collector.
 *
 * Source: "OTLP/HTTP" of the OpenTelemetry protocol specification: the path, what may be sent again, and Retry-After.
 */
export function createCollector(config: TracingConfig, { host, frame }: CollectorTools): Collector {
  const { url, headers } = addressOf(config);
  const client = host.createClient({ idleTimeoutMs: IDLE_CONNECTION_MS, tls: undefined });
  const post = createPost(client, host, { url, headers });
  return {
    name: redactUserinfo(config.otlp),
    close: () => client.close(),
    async send({ text }) {
      try {
        return await post(frame[0] + text + frame[1]);
      } catch (error) {
        return {
          type: "later",
          reason: wordsOf[host.classifyError(error)] ?? "it cannot be reached",
          afterMs: undefined,
        };
      }
    },
  };
}

interface Address {
  readonly url: string;
  readonly headers: Headers;
}

/** User and password of the URL become a field; whoever names no path means the one of traces. */
function addressOf(config: TracingConfig): Address {
  const url = new URL(config.otlp);
  const headers = new Headers({ ...config.headers, "content-type": "application/json" });
  if (url.username + url.password !== "") headers.set("authorization", toBasic(url));
  url.username = "";
  url.password = "";
  if (!url.pathname.endsWith("/v1/traces")) url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`;
  return { url: url.href, headers };
}

type Post = (body: string) => Promise<Verdict>;

function createPost(client: Client, { time }: Host, { url, headers }: Address): Post {
  return async (body) => {
    const cut = new AbortController();
    const deadline = time.after(ANSWER_MS, () => cut.abort());
    try {
      const bytes = new TextEncoder().encode(body);
      const response = await client.fetch(url, { method: "POST", headers, body: bytes, signal: cut.signal });
      return judge(response, await response.text());
    } finally {
      deadline.stop();
    }
  };
}

const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function judge(response: Response, text: string): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) return { type: "taken", ...readRejected(text) };
  const reason = `it answers ${status}`;
  if (!passing.has(status)) return { type: "refused", reason };
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return { type: "later", reason, afterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined };
}

/** A collector may say of what it took that it left some out. */
function readRejected(text: string): { readonly rejected: number; readonly reason: string } {
  try {
    const { partialSuccess } = v.parse(partialAnswer, JSON.parse(text));
    return { rejected: partialSuccess.rejectedSpans, reason: partialSuccess.errorMessage };
  } catch {
    return { rejected: 0, reason: "" };
  }
}

const partialAnswer = v.object({
  partialSuccess: v.object({
    rejectedSpans: v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.minValue(0)),
    errorMessage: v.optional(v.string(), "it would not take some of them"),
  }),
});

const wordsOf: Readonly<Record<string, string>> = {
  dns: "its name cannot be resolved",
  tls: "no secure connection to it",
  certificate: "its certificate is not trusted",
  reset: "it broke the connection off",
  protocol: "it does not speak HTTP",
  aborted: "it takes too long to answer",
};
