import type { Reply } from "../../runtime/client.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Attempt } from "./attempt.ts";
import { choose } from "./choose.ts";
import { createAttempt } from "./create-attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";
import type { KeptBody } from "./body/kept-body.ts";
import { makeAttempt } from "./make-attempt.ts";
import { releaseAttempt } from "./release-attempt.ts";
import { requestHeaders } from "./request-headers.ts";
import type { ForwardPlan, Mirror, Sending } from "./sending.ts";

/** More copies than this are never under way in one worker: a shadow that is slow must not pile them up. */
const MAX_UNDER_WAY = 64;

/** How much of a shadow's answer is read before it is dropped, bytes: enough to keep its connection. */
const MAX_READ_BYTES = 65_536;

/** Creates the mirror of a route: a share of its requests, as far as their bodies were small enough to remember. */
export function createMirror(plan: ForwardPlan, share: number, tools: ForwardTools): Mirror {
  let underWay = 0;
  return (exchange, body) => {
    if (underWay >= MAX_UNDER_WAY || tools.host.random() >= share || (body && !body.isWhole())) return;
    underWay++;
    void sendCopy(exchange, body, { plan, tools }).finally(() => underWay--);
  };
}

interface MirrorTools {
  readonly plan: ForwardPlan;
  readonly tools: ForwardTools;
}

/** The shadow's own servers, counters and deadlines; the client and the log see nothing of it. */
async function sendCopy(
  exchange: Exchange,
  body: KeptBody | undefined,
  { plan, tools }: MirrorTools,
): Promise<void> {
  const { upstream, limits } = plan;
  const copy = copyOf(exchange, upstream);
  const sending: Sending = {
    exchange: copy,
    plan,
    tools,
    body,
    key: upstream.keyOf(copy),
    preferred: -1,
    tried: [],
  };
  const server = choose(sending);
  if (!server) return;
  const attempt = createAttempt({ exchange: copy, upstream, server }, body, tools);
  const headers = requestHeaders(attempt);
  const { reply } = await makeAttempt(attempt, { headers, body, limits }, tools);
  if (reply) await readSome(attempt, reply.body);
  releaseAttempt(attempt, tools);
}

/** The client may leave, and the original end, without taking the copy along. */
function copyOf(exchange: Exchange, upstream: Upstream): Exchange {
  const { request } = exchange;
  const lasting = { headers: request.headers, method: request.method, signal: new AbortController().signal };
  return Object.assign(Object.create(exchange) as Exchange, {
    request: lasting,
    attempts: [],
    upstream: upstream.name,
    isIdleLifted: true, // the copy has no client's connection that could be cut
  });
}

/** The watch over the attempt's headers goes on over what is read of its body. */
async function readSome(attempt: Attempt, body: Reply["body"]): Promise<void> {
  if (body instanceof Uint8Array) return void (attempt.bytesOut = body.byteLength);
  try {
    for (let bytes = await body.read(); bytes; bytes = await body.read()) {
      attempt.bytesOut += bytes.byteLength;
      if (attempt.bytesOut > MAX_READ_BYTES) return attempt.call?.cut();
    }
  } catch {
    attempt.result = 0;
  }
}
