import { createSocket } from "node:dgram";
import { createServer, type AddressInfo, type Socket } from "node:net";

import type { Teardown } from "./teardown.ts";

/** A record of a zone: an address, or (SRV) "priority weight port target", or (CNAME) a name. */
export interface ZoneRecord {
  readonly type: "A" | "AAAA" | "SRV" | "CNAME";
  readonly value: string;
  /** Seconds; default 60. */
  readonly ttl?: number;
}

/** What the server says about a name. */
export type ZoneAnswer =
  | readonly ZoneRecord[]
  | "nxdomain"
  | "servfail"
  | "refused"
  /** It never answers. */
  | "silent"
  /** These bytes instead of an answer; the id of the query is put in front. */
  | { readonly bytes: Uint8Array };

/** A name server on UDP and TCP of 127.0.0.1. */
export interface DnsServer {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Says this about a name from now on. */
  readonly set: (name: string, answer: ZoneAnswer) => void;
  /** Every query so far, such as `A app.test udp`. */
  readonly queries: readonly string[];
  readonly stop: () => Promise<void>;
}

const types = { A: 1, CNAME: 5, AAAA: 28, SRV: 33 } as const;

/** Starts a name server; names that it was told nothing of do not exist. Over UDP it sends 512 bytes, or "ask over TCP". */
export async function startDnsServer(
  t: Teardown,
  zone: Readonly<Record<string, ZoneAnswer>> = {},
): Promise<DnsServer> {
  const names = new Map<string, ZoneAnswer>(Object.entries(zone));
  const queries: string[] = [];
  const udp = createSocket("udp4");
  const tcp = createServer();
  const sockets = new Set<Socket>();

  udp.on("message", (query, from) => {
    const answer = answerTo(query, { names, queries }, "udp");
    if (answer) udp.send(answer, from.port, from.address);
  });
  tcp.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    talkOverTcp(socket, { names, queries });
  });

  const port = await bindBoth(udp, tcp);
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => tcp.close(() => resolve())),
      new Promise<void>((resolve) => udp.close(() => resolve())),
    ]).catch(() => {});
  };
  t.after(stop);
  return {
    port,
    address: `127.0.0.1:${port}`,
    set: (name, answer) => void names.set(name, answer),
    queries,
    stop,
  };
}

function talkOverTcp(socket: Socket, zone: Zone): void {
  let received = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
    const answer = answerTo(received.subarray(2), zone, "tcp");
    if (!answer) return;
    const framed = Buffer.concat([uint16(answer.length), answer]);
    socket.write(framed.subarray(0, 7)); // in two pieces: nobody may count on one
    setTimeout(() => socket.end(framed.subarray(7)), 5);
  });
}

/** TCP first: its port may be taken for UDP, which is rare enough to just try again. */
async function bindBoth(
  udp: ReturnType<typeof createSocket>,
  tcp: ReturnType<typeof createServer>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    tcp.once("error", reject);
    tcp.listen(0, "127.0.0.1", resolve);
  });
  const { port } = tcp.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    udp.once("error", reject);
    udp.bind(port, "127.0.0.1", () => resolve());
  });
  return port;
}

/** What the server knows, and what it was asked. */
interface Zone {
  readonly names: ReadonlyMap<string, ZoneAnswer>;
  readonly queries: string[];
}

const codes = { servfail: 2, nxdomain: 3, refused: 5 } as const;

function answerTo(query: Buffer, { names, queries }: Zone, way: "udp" | "tcp"): Buffer | undefined {
  const { name, end } = readName(query);
  const type = query.readUInt16BE(end);
  queries.push(`${wordOf(type)} ${name} ${way}`);
  const said = names.get(name) ?? "nxdomain";
  if (said === "silent") return undefined;
  if (typeof said === "object" && "bytes" in said) return Buffer.concat([query.subarray(0, 2), said.bytes]);
  const asked = query.subarray(12, end + 4);
  if (typeof said === "string") return Buffer.concat([head(query, codes[said], 0), asked]);
  const records = recordsFor(name, type, names);
  const whole = Buffer.concat([head(query, 0, records.length), asked, ...records]);
  return way === "tcp" || whole.length <= 512 ? whole : Buffer.concat([head(query, 0x0200, 0), asked]);
}

function wordOf(type: number): string {
  return Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type);
}

/** The records of a name, with its aliases as a recursive server gives them. */
function recordsFor(name: string, type: number, names: ReadonlyMap<string, ZoneAnswer>): Buffer[] {
  const said = names.get(name);
  if (!Array.isArray(said)) return [];
  const found = (said as ZoneRecord[]).filter(
    (record) => types[record.type] === type || record.type === "CNAME",
  );
  return found.flatMap((record) => {
    const further = record.type === "CNAME" ? recordsFor(record.value, type, names) : [];
    return [writeRecord(name, record)].concat(further);
  });
}

function head(query: Buffer, flags: number, answers: number): Buffer {
  return Buffer.concat([
    query.subarray(0, 2),
    uint16(0x8180 | flags),
    uint16(1),
    uint16(answers),
    uint16(0),
    uint16(0),
  ]);
}

function writeRecord(name: string, { type, value, ttl = 60 }: ZoneRecord): Buffer {
  const data = writeData(type, value);
  const life = Buffer.alloc(4);
  life.writeUInt32BE(ttl);
  return Buffer.concat([writeName(name), uint16(types[type]), uint16(1), life, uint16(data.length), data]);
}

function writeData(type: ZoneRecord["type"], value: string): Buffer {
  if (type === "A") return Buffer.from(value.split(".").map(Number));
  if (type === "AAAA") return writeIpv6(value);
  if (type === "CNAME") return writeName(value);
  const [priority = "", weight = "", port = "", target = ""] = value.split(" ");
  return Buffer.concat([
    uint16(Number(priority)),
    uint16(Number(weight)),
    uint16(Number(port)),
    writeName(target),
  ]);
}

function writeIpv6(value: string): Buffer {
  const [left, right] = value.split("::").map((side) => side.split(":").filter((group) => group !== ""));
  const given = [...(left ?? []), ...(right ?? [])].length;
  const zeros = Array.from({ length: 8 - given }, () => "0");
  const groups = [...(left ?? []), ...zeros, ...(right ?? [])];
  return Buffer.concat(groups.map((group) => uint16(Number.parseInt(group, 16))));
}

function writeName(name: string): Buffer {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 1 };
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
