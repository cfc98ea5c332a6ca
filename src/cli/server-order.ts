import { type AdminAddress, askAdmin, findAdmin } from "./admin-client.ts";
import type { Arguments, Terminal } from "./command.ts";
import { readStatus, type ServerStatus, type Status } from "./read-status.ts";

/** Has a running proxy change the state of the server that was named; gives what is printed of it. */
export async function orderByName(
  args: Arguments,
  terminal: Terminal,
  state: "up" | "drain",
): Promise<string> {
  const admin = await findAdmin(args, terminal);
  const { upstream, server } = findServer(args.operands[0] ?? "", await readStatus(admin));
  const changed = await change(admin, { upstream, server, state });
  const told =
    changed.state === "draining" && changed.weight === 0 ? "draining: its weight is 0" : changed.state;
  const notKept = changed.stored ? "" : "; nothing is stored, so a restart forgets it";
  return `${upstream}/${server} is ${told}, ${changed.inflight} in flight${notKept}\n`;
}

interface Named {
  readonly upstream: string;
  readonly server: string;
}

/** `upstream/server`, or the bare name of a server where only one bears it. */
function findServer(name: string, { upstreams }: Status): Named {
  const all = upstreams.flatMap(({ name: upstream, servers }) =>
    servers.map(({ name: server }) => ({ upstream, server })),
  );
  const [found, ...others] = all.filter(
    ({ upstream, server }) => name === server || name === `${upstream}/${server}`,
  );
  if (found && others.length === 0) return found;
  const names = (found ? [found, ...others] : all).map(({ upstream, server }) => `${upstream}/${server}`);
  const what = found ? `several servers are called "${name}"` : `there is no server "${name}"`;
  throw new Error(`Cannot do that: ${what}; ${found ? "say which" : "there are"}: ${names.join(", ")}`);
}

async function change(
  admin: AdminAddress,
  { upstream, server, state }: Named & { readonly state: string },
): Promise<ServerStatus & { readonly stored: boolean }> {
  const path = `/api/upstreams/${encodeURIComponent(upstream)}/servers/${encodeURIComponent(server)}`;
  const response = await askAdmin(admin, path, { method: "PATCH", body: { state } });
  const answer = (await response.json().catch(() => ({}))) as { readonly error?: string };
  if (response.ok) return answer as ServerStatus & { readonly stored: boolean };
  throw new Error(`Cannot change ${upstream}/${server}: ${answer.error ?? `status ${response.status}`}`);
}
