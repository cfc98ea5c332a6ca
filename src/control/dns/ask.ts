import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createConnection, isIPv6 } from "node:net";
import type { NameServer } from "../../config/name-server.ts";
import { normaliseAddress } from "../../http/address/ip-address.ts";
import { DnsError } from "./dns-error.ts";
import { type Answer, type Question, readAnswer, writeQuery } from "./message.ts";

/** What is asked of whom, and how long. */
export interface Asking {
  readonly server: NameServer;
  readonly question: Omit<Question, "id">;
  readonly timeoutMs: number;
}

/** Asks one name server once: over UDP, and over TCP where the answer does not fit. Rejects with a `DnsError`. */
export async function ask(asking: Asking): Promise<Answer> {
  const question = { ...asking.question, id: randomInt(0x1_0000) };
  const answer = await exchange(asking, question, askOverUdp);
  return answer.isTruncated ? exchange(asking, question, askOverTcp) : answer;
}

/** A query that is under way. */
interface Exchange {
  readonly server: NameServer;
  readonly query: Uint8Array;
  /** Takes bytes that may be the answer. */
  readonly hear: (bytes: Uint8Array) => void;
  readonly fail: (error: Error) => void;
}

/** Sends the query and gives what closes the way on which it went. */
type Send = (exchange: Exchange) => () => void;

function exchange({ server, timeoutMs }: Asking, question: Question, send: Send): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const where = `${server.address} port ${server.port}`;
  const timer = setTimeout(
    () => reject(new DnsError("timeout", `${where} has not answered within ${timeoutMs} ms`)),
    timeoutMs,
  );
  const close = send({
    server,
    query: writeQuery(question),
    fail: (error) => reject(new DnsError("unreachable", `${where} cannot be asked: ${error.message}`)),
    hear(bytes) {
      try {
        const answer = readAnswer(bytes, question);
        if (answer) resolve(answer);
      } catch (error) {
        reject(new DnsError("malformed", `${where} gives what is no answer: ${(error as Error).message}`));
      }
    },
  });
  return promise.finally(() => {
    clearTimeout(timer);
    close();
  });
}

/** The system gives each query a port of its own, so that a forged answer has to guess it along with the id. */
function askOverUdp({ server, query, hear, fail }: Exchange): () => void {
  const socket = createSocket(isIPv6(server.address) ? "udp6" : "udp4");
  socket.on("error", fail);
  socket.on("message", (bytes, from) => {
    const isFromServer = normaliseAddress(from.address) === normaliseAddress(server.address);
    if (isFromServer && from.port === server.port) hear(bytes);
  });
  socket.send(query, server.port, server.address, (error) => error && fail(error));
  return () => socket.close();
}

/** Over TCP a message comes after two bytes with its length (RFC 1035, section 4.2.2), in whatever pieces. */
function askOverTcp({ server, query, hear, fail }: Exchange): () => void {
  const socket = createConnection({ host: server.address, port: server.port });
  let received = Buffer.alloc(0);
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("it closed the connection")));
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE()) return;
    hear(received.subarray(2, 2 + received.readUInt16BE()));
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.length);
  socket.write(Buffer.concat([length, query]));
  return () => socket.destroy();
}
