import { createBoard, openBoard } from "../board/board.ts";
import { type ExplainedRequest, type Explanation, explainRequest } from "../data/explain-request.ts";
import type { Host } from "../runtime/host.ts";
import { createSecret } from "./create-secret.ts";
import type { ReadConfig } from "./configuration/read-config.ts";
import { createSnapshot } from "./configuration/reloader.ts";
import { createServerRows } from "./servers/server-rows.ts";

/** Explains a request by a configuration that does not run: every server is up and idle. */
export function explainByConfig(read: ReadConfig, asked: ExplainedRequest, host: Host): Explanation {
  const servers = Object.values(read.config.upstreams).reduce(
    (sum, upstream) => sum + upstream.servers.length,
    0,
  );
  const memory = createBoard({ capacity: Math.max(1, servers), workers: 1 });
  const board = openBoard(memory, "control");
  const rows = createServerRows(board);
  const snapshot = createSnapshot(read, rows, { version: 1, stickySecret: createSecret() });
  rows.settle(read.config, host.time.now());
  return explainRequest(snapshot, asked, { host, board, memory });
}
