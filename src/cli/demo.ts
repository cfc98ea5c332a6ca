import { fileURLToPath } from "node:url";

import shippedConfig from "../../config.yaml" with { type: "text" };
import type { Headgate } from "../control/headgate.ts";
import { findBindFaults } from "../control/port-check.ts";
import type { ConfigSource } from "../control/configuration/read-config.ts";
import { start } from "../control/start.ts";
import { host } from "../runtime/current.ts";
import { isCompiled } from "../runtime/is-compiled.ts";
import type { Command, Terminal } from "./command.ts";
import { startToyProcess, type ToyProcess } from "./demo/toy-process.ts";
import type { ToyServer } from "./demo/toy-server.ts";
import { stayUntilStopped } from "./stay.ts";
import { createTerminalLog } from "./terminal-log.ts";

/** Shows everything at once: toy servers, the proxy before them, and what to try. */
export const demo: Command = {
  name: "demo",
  summary: "three toy servers and the proxy before them, to try things out",
  help: `Usage: headgate demo

Starts three toy servers on ports 9001 to 9003, each in a process of its own, and the proxy before them with the shipped
config.yaml, and prints what to try. Ctrl-C ends it all.

Examples:
  headgate demo
`,
  options: {},
  operands: [0, 0],
  async run(_args, terminal) {
    await provePortsFree();
    const toys = await startToys();
    try {
      const starting = startProxy(terminal).then((headgate) => greet(headgate, toys, terminal));
      return await stayUntilStopped(starting, () => killAll(toys));
    } finally {
      killAll(toys);
    }
  },
};

const toyServers: readonly ToyServer[] = [
  { name: "alice", port: 9001, delayMs: 0 },
  { name: "bob", port: 9002, delayMs: 0 },
  { name: "carol", port: 9003, delayMs: 40 },
];

async function provePortsFree(): Promise<void> {
  const wanted = toyServers.map(({ name, port }) => ({
    owner: `toy server ${name}`,
    bind: { hostname: "127.0.0.1", port },
  }));
  const faults = await findBindFaults(wanted);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join("\n"));
}

async function startToys(): Promise<ToyProcess[]> {
  const starts = await Promise.allSettled(toyServers.map(startToyProcess));
  const toys = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = starts.find((one) => one.status === "rejected");
  if (failed === undefined) return toys;
  killAll(toys);
  throw failed.reason;
}

function startProxy(terminal: Terminal): Promise<Headgate> {
  const options = {
    host,
    log: createTerminalLog(terminal),
    env: terminal.env,
    workerCount: 1,
    storage: ":memory:",
  };
  return start(shippedSource(), options);
}

/** The binary has no files beside it, so the shipped one is part of the program. */
function shippedSource(): ConfigSource {
  if (isCompiled()) return { file: "the built-in config.yaml", text: shippedConfig as string };
  return { file: fileURLToPath(new URL("../../config.yaml", import.meta.url)) };
}

function tellDeath(toy: ToyProcess, { print }: Terminal): void {
  const tell = (isExpected: boolean) =>
    isExpected ? undefined : print(`\n${toy.name} on port ${toy.port} has died; the others go on.\n`);
  void toy.ended.then(tell);
}

function killAll(toys: readonly ToyProcess[]): void {
  for (const toy of toys) toy.kill();
}

function greet(headgate: Headgate, toys: readonly ToyProcess[], terminal: Terminal): Headgate {
  terminal.print(invite(headgate, toys));
  for (const toy of toys) tellDeath(toy, terminal);
  return headgate;
}

function invite({ addresses, adminUrl = "" }: Headgate, toys: readonly ToyProcess[]): string {
  const port = addresses[0]?.port ?? 0;
  const url = `http://localhost:${port}`;
  const victim = toys[1];
  const trials: readonly (readonly [command: string, what: string])[] = [
    [`curl ${url}/`, "again and again: the servers take turns"],
    [`curl ${url}/echo -d hello`, "the request as a server sees it"],
    [`curl -N ${url}/sse`, "events as they come"],
    [`curl '${url}/slow?ms=2000'`, "an answer that takes its time"],
    [`curl -i ${url}/hello`, "answered by the proxy itself"],
    [`kill -9 ${victim?.pid ?? ""} && curl ${url}/`, `${victim?.name ?? ""} dies, the answers go on`],
    [`${adminUrl}/`, "the dashboard, in a browser"],
    [`curl ${adminUrl}/api/status`, "each server in numbers"],
  ];
  const width = Math.max(...trials.map(([command]) => command.length));
  return `
Headgate is ready on ${url}, in front of
${toys.map((toy) => `  ${toy.name.padEnd(6)} http://127.0.0.1:${toy.port}  pid ${toy.pid}`).join("\n")}

Try, in another terminal:
${trials.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join("\n")}

Ctrl-C ends it all.
`;
}
