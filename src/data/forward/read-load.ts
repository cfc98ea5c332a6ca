import { fieldValue } from "../../http/fields/field-list.ts";
import type { Reply } from "../../runtime/client.ts";
import { parseReportedLoad } from "../balance/parse-reported-load.ts";
import type { Attempt } from "./attempt.ts";
import type { ForwardTools } from "./forward-tools.ts";

/** Notes what a server says of its own load; a report that makes no sense is as good as none. */
export function readLoad(
  { upstream, server }: Attempt,
  { fields }: Reply,
  { board, host }: Pick<ForwardTools, "board" | "host">,
): void {
  const report = fieldValue(fields, upstream.loadHeader?.toLowerCase() ?? "");
  const load = report === undefined ? undefined : parseReportedLoad(report);
  if (load !== undefined) board.reportLoad(server.row, load, host.time.now());
}
