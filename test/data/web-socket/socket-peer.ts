import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { openSocket } from "../../kit/raw-request.ts";
import { startTcpServer, type TestServer } from "../../kit/start-server.ts";
import type { Teardown } from "../../kit/teardown.ts";

/** One frame of RFC 6455, unmasked. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly payload: Buffer;
}

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** One end of a WebSocket, spoken by hand: nothing is answered that the test does not answer. */
export class SocketPeer {
  readonly socket: Socket;
  /** Everything before the first frame. */
  readonly head: string;
  readonly frames: Frame[] = [];
  readonly isMasking: boolean;
  /** Whether the other side closed the connection, however. */
  isGone = false;
  #rest: Buffer;
  #parts: Buffer[] = [];

  constructor(socket: Socket, head: string, options: { isMasking: boolean; rest: Buffer }) {
    this.socket = socket;
    this.head = head;
    this.isMasking = options.isMasking;
    this.#rest = options.rest;
    this.#read(Buffer.alloc(0));
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => (this.isGone = true));
    socket.on("end", () => (this.isGone = true));
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.head)?.[1] ?? 0);
  }

  /** A header field of the head; undefined where it is absent, joined where it stands there several times. */
  field(name: string): string | undefined {
    return fieldOf(this.head, name);
  }

  /** Messages whole, text and binary alike as what they are. */
  messages(): (string | Buffer)[] {
    const whole: (string | Buffer)[] = [];
    let opcode = 0;
    for (const frame of this.frames.filter((frame) => frame.opcode < CLOSE)) {
      if (frame.opcode !== 0) [opcode, this.#parts] = [frame.opcode, []];
      this.#parts.push(frame.payload);
      if (!frame.isFinal) continue;
      const payload = Buffer.concat(this.#parts);
      whole.push(opcode === TEXT ? payload.toString() : payload);
    }
    return whole;
  }

  /** Code and reason of the close frame that came; 1005 where it names none, undefined where none came. */
  closed(): { code: number; reason: string } | undefined {
    const frame = this.frames.find(({ opcode }) => opcode === CLOSE);
    if (!frame) return undefined;
    if (frame.payload.length < 2) return { code: 1005, reason: "" };
    return { code: frame.payload.readUInt16BE(0), reason: frame.payload.subarray(2).toString() };
  }

  send(payload: string | Uint8Array, opcode = typeof payload === "string" ? TEXT : BINARY): void {
    this.socket.write(encodeFrame(opcode, Buffer.from(payload as string), this.isMasking));
  }

  close(code?: number, reason = ""): void {
    const payload = Buffer.alloc(code === undefined ? 0 : 2 + Buffer.byteLength(reason));
    if (code !== undefined) {
      payload.writeUInt16BE(code, 0);
      payload.write(reason, 2);
    }
    this.send(payload, CLOSE);
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (let found = decodeFrame(this.#rest); found; found = decodeFrame(this.#rest)) {
      this.frames.push(found.frame);
      this.#rest = this.#rest.subarray(found.length);
    }
  }
}

/** A field of a head; undefined where it is absent, joined where it stands there several times. */
export function fieldOf(head: string, name: string): string | undefined {
  const lines = head.matchAll(new RegExp(`^${name}:[ \\t]*(.*?)\\r$`, "gim"));
  const values = [...lines].map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** How a client asks for a WebSocket. */
export interface AskOptions {
  readonly path?: string;
  /** Fields that replace or join the usual ones; an empty value takes a field away. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly early?: Uint8Array;
}

/** Asks for a WebSocket over a raw connection and gives what was answered: look at `status` first. */
export async function askSocket(t: Teardown, port: number, options: AskOptions = {}): Promise<SocketPeer> {
  const socket = await openSocket(port);
  t.after(() => socket.destroy());
  socket.write(handshakeOf(port, options));
  if (options.early) socket.write(options.early);
  const { head, rest } = await readHead(socket);
  return new SocketPeer(socket, head, { isMasking: true, rest });
}

/** The text of a handshake. */
export function handshakeOf(port: number, { path = "/", headers = {} }: AskOptions = {}): string {
  const fields: Record<string, string> = {
    host: `127.0.0.1:${port}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** A server that speaks WebSocket by hand. */
export interface SocketServer extends TestServer {
  /** The handshakes' texts, in order. */
  readonly handshakes: readonly string[];
  /** Connections that became WebSockets, in order. */
  readonly peers: readonly SocketPeer[];
  /** Raw connections, in order. */
  readonly sockets: readonly Socket[];
}

/** What a socket server does. */
export interface ServerBehaviour {
  readonly protocol?: string;
  /** Answers the handshake with this text instead of 101. */
  readonly answer?: string;
  /** Bytes that go out in one piece with the 101. */
  readonly early?: Uint8Array;
  readonly onOpen?: (peer: SocketPeer) => void;
  /** Field lines that come with the 101. */
  readonly fields?: string;
}

/** Starts a WebSocket server that does what `behaviour` says, and nothing of itself. */
export async function startSocketServer(
  t: Teardown,
  behaviour: ServerBehaviour = {},
  port = 0,
): Promise<SocketServer> {
  const handshakes: string[] = [];
  const peers: SocketPeer[] = [];
  const sockets: Socket[] = [];
  const server = await startTcpServer(
    t,
    async (socket) => {
      sockets.push(socket);
      const { head, rest } = await readHead(socket);
      handshakes.push(head);
      if (behaviour.answer !== undefined) {
        socket.write(behaviour.answer);
        return;
      }
      const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1] ?? "";
      socket.write(
        Buffer.concat([
          Buffer.from(
            acceptanceOf(key, behaviour.protocol).replace("\r\n\r\n", `\r\n${behaviour.fields ?? ""}\r\n`),
          ),
          behaviour.early ?? Buffer.alloc(0),
        ]),
      );
      const peer = new SocketPeer(socket, head, { isMasking: false, rest });
      peers.push(peer);
      behaviour.onOpen?.(peer);
    },
    port,
  );
  return { ...server, handshakes, peers, sockets };
}

/** Answers every message with itself, and a close frame with the same. */
export function echo(peer: SocketPeer): void {
  let seen = 0;
  peer.socket.on("data", () => {
    for (; seen < peer.frames.length; seen++) {
      const { opcode, payload } = peer.frames[seen] as Frame;
      peer.socket.write(encodeFrame(opcode === PING ? PONG : opcode, payload, false));
      if (opcode === CLOSE) peer.socket.end();
    }
  });
}

/** A whole message or a control frame; masked with zeros where it is a client's, so that the payload stays readable. */
export function encodeFrame(opcode: number, payload: Buffer, isMasked: boolean): Buffer {
  const maskBit = isMasked ? 0x80 : 0;
  return Buffer.concat([
    Buffer.from([0x80 | opcode]),
    lengthField(payload.length, maskBit),
    Buffer.alloc(maskBit >> 5),
    payload,
  ]);
}

/** The same frame as a part of a message that goes on. */
export function unfinished(frame: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(frame[0] as number) & 0x7f]), frame.subarray(1)]);
}

function lengthField(length: number, maskBit: number): Buffer {
  const field = Buffer.alloc(length < 126 ? 1 : length < 65_536 ? 3 : 9);
  if (field.length === 3) field.writeUInt16BE(length, 1);
  if (field.length === 9) field.writeBigUInt64BE(BigInt(length), 1);
  field[0] = maskBit | (field.length === 1 ? length : field.length === 3 ? 126 : 127);
  return field;
}

function decodeFrame(bytes: Buffer): { frame: Frame; length: number } | undefined {
  const head = bytes.length < 2 ? undefined : readLength(bytes);
  if (!head || bytes.length < head.payloadAt + head.length) return undefined;
  const { payloadAt, length, isMasked } = head;
  const first = bytes[0] as number;
  const payload = Buffer.from(bytes.subarray(payloadAt, payloadAt + length));
  if (isMasked) unmask(payload, bytes.subarray(payloadAt - 4, payloadAt));
  return {
    frame: { opcode: first & 0x0f, isFinal: (first & 0x80) !== 0, payload },
    length: payloadAt + length,
  };
}

function readLength(bytes: Buffer): { payloadAt: number; length: number; isMasked: boolean } | undefined {
  const second = bytes[1] as number;
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const payloadAt = (short < 126 ? 2 : short === 126 ? 4 : 10) + (isMasked ? 4 : 0);
  if (bytes.length < payloadAt) return undefined;
  if (short < 126) return { payloadAt, length: short, isMasked };
  return {
    payloadAt,
    length: short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)),
    isMasked,
  };
}

function unmask(payload: Buffer, mask: Buffer): void {
  for (let at = 0; at < payload.length; at++)
    payload[at] = (payload[at] as number) ^ (mask[at & 3] as number);
}

/** The text of a server's agreement. */
export function acceptanceOf(key: string, protocol: string | undefined): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const chosen = protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`;
}

function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const finish = (end: number): void => {
      socket.removeListener("data", take);
      resolve({ head: bytes.subarray(0, end).toString("latin1"), rest: bytes.subarray(end) });
    };
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end >= 0) finish(end + 4);
    };
    socket.on("data", take);
    socket.once("close", () => finish(bytes.length));
  });
}
