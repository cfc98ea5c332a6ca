import assert from "node:assert/strict";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { eventually } from "../kit/eventually.ts";
import type { Teardown } from "../kit/teardown.ts";
import { connectHosts, type HostedProgram, runScript, startHost, type TestHost } from "./hosts.ts";
import type { Visit } from "./visits.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The address that the nodes share, as deploy/keepalived says. */
export const sharedAddress = "192.0.2.10";

/** A node of the pair, with keepalived and Headgate on it. */
export interface Node {
  readonly name: string;
  readonly host: TestHost;
  readonly keepalived: HostedProgram;
  /** What runs now. */
  readonly headgate: () => HostedProgram;
  /** Starts Headgate, and waits until it is ready. */
  readonly startHeadgate: () => Promise<void>;
  /** Whether keepalived gave it the address. */
  readonly isMaster: () => boolean;
  /** Whether it would take the address. */
  readonly isBackup: () => boolean;
}

/** Two nodes, and beside them on one network servers and visitors. */
export interface Pair {
  readonly nodes: readonly [Node, Node];
  /** The node that has the address, and the one that would take it, once both are well. */
  readonly roles: () => Promise<{ readonly active: Node; readonly idle: Node }>;
  /** Asks from one of the addresses beside them, 192.0.2.1 or 192.0.2.99, and gives the status. */
  readonly statusFor: (client: string, path: string) => Promise<number>;
  /** Takes a download of 640 KiB that lasts for four seconds, and gives how many bytes came; rejects where it broke. */
  readonly download: () => Promise<number>;
  /** Starts visitors; the function that it gives ends them and tells what they saw. */
  readonly visit: (visitors: number) => () => Promise<readonly Visit[]>;
}

function curl(client: string, path: string, answer: string): string {
  return `curl -sS -o /dev/null -w '${answer}' --interface ${client} http://${sharedAddress}${path}`;
}

/** Starts the network of docs/high-availability.md, with what lies in deploy. */
export async function startPair(t: Teardown, binary: string): Promise<Pair> {
  const lan = await startHost(t, "lan");
  await lan.sh(`ip link add br0 address 02:00:00:00:00:01 type bridge
    for host in 1 21 22 31 99; do ip address add 192.0.2.$host/24 dev br0; done
    ip link set br0 up`);
  const servers = runScript(lan, "test/deploy/app-server.ts", ["50", "192.0.2.21", "192.0.2.22"]);
  await eventually(() => servers.output().includes("ready"), 20_000);
  await startStore(lan);
  const directory = await mkdtemp(join(tmpdir(), "headgate-pair-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, "config.yaml"), await exampleConfig());
  await copyFile(binary, join(directory, "headgate"));
  const nodes = [
    await startNode(t, { name: "headgate-a", address: "192.0.2.11", lan, directory }),
    await startNode(t, { name: "headgate-b", address: "192.0.2.12", lan, directory }),
  ] as const;
  return {
    nodes,
    roles: () => rolesOf(nodes),
    visit: (visitors) => startVisits(lan, visitors),
    statusFor: async (client, path) => Number(await lan.sh(curl(client, path, "%{http_code}"))),
    download: async () => Number(await lan.sh(curl("192.0.2.1", "/long", "%{size_download}"))),
  };
}

async function startStore(lan: TestHost): Promise<void> {
  const store = lan.start("redis-server", ["--bind", "192.0.2.31", "--save", "", "--protected-mode", "no"]);
  await eventually(() => store.output().includes("Ready to accept connections"), 10_000);
}

interface NodeOptions {
  readonly name: string;
  readonly address: string;
  readonly lan: TestHost;
  readonly directory: string;
}

async function startNode(t: Teardown, { name, address, lan, directory }: NodeOptions): Promise<Node> {
  const host = await startHost(t, name);
  await host.sh(installation(directory));
  await connectHosts(host, lan, name);
  await host.sh(`ip address add ${address}/24 dev eth0 && ip link set eth0 up`);
  await lan.sh(`ip link set ${name} master br0 up`);
  let headgate: HostedProgram | undefined;
  const startHeadgate = async (): Promise<void> => {
    const started = host.start("setpriv", await unitCommand(name));
    headgate = started;
    await eventually(() => {
      assert.match(started.output(), / info ready /);
    }, 20_000);
  };
  await startHeadgate();
  const keepalived = host.start("keepalived", ["--dont-fork", "--log-console", "--log-detail"]);
  return {
    name,
    host,
    keepalived,
    headgate: () => headgate as HostedProgram,
    startHeadgate,
    isMaster: () => stateOf(keepalived) === "MASTER",
    isBackup: () => stateOf(keepalived) === "BACKUP",
  };
}

/** What a person does on a new node: a user, the binary, both configurations, the folders that the unit makes. */
function installation(directory: string): string {
  return `
    mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/lib && mount -t tmpfs tmpfs /var/log
    mount -t tmpfs tmpfs /mnt && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc
    useradd --system --home-dir /var/lib/headgate --shell /usr/sbin/nologin headgate
    install -d -o headgate -m 700 /var/lib/headgate /var/log/headgate
    mkdir /mnt/bin && cp ${directory}/headgate /mnt/bin/ && mount --bind /mnt/bin /usr/local/bin
    mkdir -p /etc/headgate /etc/keepalived
    cp ${directory}/config.yaml /etc/headgate/
    cp ${join(root, "deploy/keepalived")}/* /etc/keepalived/`;
}

/** The guide's configuration. */
async function exampleConfig(): Promise<string> {
  const guide = await readFile(join(root, "docs/high-availability.md"), "utf8");
  return /^```yaml\n(.*?)^```$/ms.exec(guide)?.[1] ?? "";
}

/** What systemd does with the unit: its command, as its user, with its one capability. */
async function unitCommand(name: string): Promise<string[]> {
  const unit = await readFile(join(root, "deploy/systemd/headgate.service"), "utf8");
  const setting = (key: string): string => new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1] ?? "";
  const capability = setting("AmbientCapabilities").toLowerCase().replace("cap_", "+");
  const privileges = `--reuid=${setting("User")} --regid=${setting("Group")} --clear-groups --no-new-privs`;
  const capabilities = `--inh-caps=${capability} --ambient-caps=${capability}`;
  const environment = ["env", "-i", `HOSTNAME=${name}`, "STICKY_SECRET=a secret of the tests"];
  const command = setting("ExecStart").split(" ");
  return [...privileges.split(" "), ...capabilities.split(" "), ...environment, ...command];
}

async function rolesOf(nodes: readonly [Node, Node]): Promise<{ active: Node; idle: Node }> {
  return eventually(() => {
    const [active, idle] = nodes[0].isMaster() ? nodes : [nodes[1], nodes[0]];
    assert.ok(active.isMaster() && idle.isBackup(), nodes.map(describeNode).join("\n"));
    return { active, idle };
  }, 20_000);
}

function describeNode({ name, keepalived, headgate }: Node): string {
  return [name, keepalived.output(), headgate().output()].join("\n");
}

/** Its last word about it. */
function stateOf(keepalived: HostedProgram): string | undefined {
  return [...keepalived.output().matchAll(/Entering (\w+) STATE/g)].at(-1)?.[1];
}

function startVisits(lan: TestHost, visitors: number): () => Promise<readonly Visit[]> {
  const program = runScript(lan, "test/deploy/visits.ts", [sharedAddress, String(visitors)]);
  return async () => {
    program.end();
    await program.exited;
    return JSON.parse(program.output()) as Visit[];
  };
}
