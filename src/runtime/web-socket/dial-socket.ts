import { connect, isIP } from "node:net";
import type { Socket as TcpSocket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { DialError } from "../socket.ts";
import type { ClientTls } from "../client.ts";
import type { FetchFault } from "../request-fault.ts";
import type { DialledSocket, DialOptions } from "../socket.ts";
import { ServerSocket } from "./server-socket.ts";
import { agreedProtocol, createHandshake, parseAnswer } from "./socket-handshake.ts";

/** The longest head of an answer, bytes. */
const MAX_HEAD_BYTES = 65_536;

/**
 * Opens a WebSocket to a server; rejects with a `DialError` where that fails.
 *
 * Spoken by hand over a TCP connection, since the runtimes' own clients cannot be told to pause, do not give the answer of a
 * server that refuses, and (Deno's) send few close codes and do not check the server's acceptance.
 */
export async function dialSocket(options: DialOptions): Promise<DialledSocket> {
  const connection = openConnection(new URL(options.url), options.tls);
  const cut = (): void => void connection.destroy(new DialError("the attempt was given up", "aborted"));
  const connecting = limitConnecting(connection, options.connectMs);
  if (options.signal.aborted) cut();
  options.signal.addEventListener("abort", cut, { once: true });
  try {
    const { protocol, setCookies, rest } = await shakeHands(connection, options);
    return new ServerSocket({ connection, protocol, setCookies, rest, events: options.events });
  } catch (error) {
    connection.destroy();
    throw toDialError(error);
  } finally {
    clearTimeout(connecting);
    options.signal.removeEventListener("abort", cut);
  }
}

/** Gives up a server that has not accepted, and shaken hands, in time. */
function limitConnecting(
  connection: TcpSocket,
  connectMs: number,
): ReturnType<typeof setTimeout> | undefined {
  if (connectMs === Infinity) return undefined;
  const late = new DialError("the server does not accept in time", "connect-timeout");
  const timer = setTimeout(() => connection.destroy(late), connectMs);
  connection.once(connection instanceof TLSSocket ? "secureConnect" : "connect", () => clearTimeout(timer));
  return timer;
}

function openConnection({ protocol, hostname, port }: URL, tls: ClientTls | undefined): TcpSocket {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (protocol === "ws:") return connect({ host, port: Number(port || 80) });
  const { serverName, verify = true, ...pems } = tls ?? {};
  return connectTls({
    host,
    port: Number(port || 443),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: verify,
    servername: serverName ?? (isIP(host) === 0 ? host : ""),
    ...pems,
  });
}

interface Shaken {
  readonly protocol: string;
  readonly setCookies: readonly string[];
  /** What came right behind the head: the first messages. */
  readonly rest: Buffer;
}

async function shakeHands(connection: TcpSocket, options: DialOptions): Promise<Shaken> {
  const { text, acceptance } = createHandshake(options);
  connection.setNoDelay(true);
  connection.write(text, "latin1");
  const { head, rest } = await readHead(connection);
  const answer = parseAnswer(head);
  const protocol = agreedProtocol(answer, acceptance, options.protocols);
  return { protocol, setCookies: answer.headers.getSetCookie(), rest };
}

function readHead(connection: TcpSocket): Promise<{ head: string; rest: Buffer }> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    connection.on("data", take);
    connection.once("error", reject);
    connection.once("close", leave);

    function take(chunk: Buffer): void {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0 && bytes.length <= MAX_HEAD_BYTES) return;
      connection.pause();
      connection.off("data", take).off("error", reject).off("close", leave);
      if (end < 0) reject(new DialError("the answer's head is too long", "protocol"));
      else resolve({ head: bytes.toString("latin1", 0, end), rest: bytes.subarray(end + 4) });
    }

    function leave(): void {
      reject(new DialError("the connection closed before an answer", "reset"));
    }
  });
}

function toDialError(error: unknown): DialError {
  if (error instanceof DialError) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return new DialError(message, faultOf(`${code} ${message}`));
}

const faults: readonly (readonly [RegExp, FetchFault])[] = [
  [/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|refused|FailedToOpenSocket/i, "refused"],
  [/cert|SELF_SIGNED|UNABLE_TO_|ALTNAME/i, "certificate"], // Before "dns": its words tell DNS names.
  [/ENOTFOUND|EAI_AGAIN|\bdns\b|lookup/i, "dns"],
  [/tls|ssl|handshake/i, "tls"],
];

function faultOf(words: string): FetchFault {
  return faults.find(([pattern]) => pattern.test(words))?.[1] ?? "reset";
}
