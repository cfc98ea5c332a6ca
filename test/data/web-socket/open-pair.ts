import assert from "node:assert/strict";

import { eventually } from "../../kit/eventually.ts";
import { proxyTo } from "../../kit/proxy-to.ts";
import { startPlaneFor } from "../../kit/start-plane.ts";
import type { TestPlane } from "../../kit/start-plane.ts";
import type { Teardown } from "../../kit/teardown.ts";
import { askSocket, startSocketServer } from "./socket-peer.ts";
import type { AskOptions, ServerBehaviour, SocketPeer, SocketServer } from "./socket-peer.ts";

/** A client and a server, joined by a proxy; both ends are spoken by hand. */
export interface Pair {
  readonly client: SocketPeer;
  readonly server: SocketPeer;
  readonly upstream: SocketServer;
  readonly plane: TestPlane;
}

/** What a pair is opened with. */
export interface PairOptions extends ServerBehaviour {
  readonly ask?: AskOptions;
  /** Settings of the upstream. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Opens a WebSocket through a proxy of its own. */
export async function openPair(
  t: Teardown,
  { ask, settings, ...behaviour }: PairOptions = {},
): Promise<Pair> {
  const upstream = await startSocketServer(t, behaviour);
  const plane = await startPlaneFor(t, proxyTo([upstream.url], settings));
  const client = await askSocket(t, plane.port, ask);
  assert.equal(client.status, 101);
  const server = await eventually(() => upstream.peers[0] ?? false);
  return { client, server, upstream, plane };
}

/** Waits until nothing is under way any more, on the board as in the log. */
export async function ended({ board, counts }: TestPlane): Promise<void> {
  await eventually(() => board.exchanges() === 0 && counts().inflight === 0);
}
