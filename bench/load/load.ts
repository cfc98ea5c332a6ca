import { quantile } from "../statistics.ts";
import { clientAddress } from "./client-address.ts";
import { Connection } from "./connection.ts";
import type { LoadPlan, LoadReport } from "./load-plan.ts";
import type { Answer } from "./response-reader.ts";
import { clientMessage } from "./web-socket.ts";

/** After so many errors a load is given up. */
const MAX_ERRORS = 50;

/** How often an open loop looks for what is due, ms. */
const TICK_MS = 1;

/** Puts load on a port as planned, and says what came of it. */
export async function putLoad(plan: LoadPlan): Promise<LoadReport> {
  const load = new Load(plan);
  await load.open();
  await (plan.requestsPerSecond > 0 ? load.runOpenLoop() : load.runClosedLoop());
  return load.end();
}

class Load {
  readonly #plan: LoadPlan;
  readonly #heads: readonly Uint8Array[];
  readonly #latenciesMs: number[] = [];
  /** Due requests that no connection is free for, by when they were due; the oldest first. */
  readonly #waitingMs: number[] = [];
  readonly #free: Connection[] = [];
  #connections: Connection[] = [];
  #isClosedLoop = true;
  #isOver = false;
  #measureFromMs = Infinity;
  #turn = 0;
  #answered = 0;
  #receivedBytes = 0;
  #refused = 0;
  #measured = 0;
  #measuredMs = 0;
  #errors = 0;
  #firstError = "";

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#heads = requestHeads(plan);
  }

  async open(): Promise<void> {
    const opening = Array.from({ length: this.#plan.connections }, () => this.#connect());
    this.#connections = await Promise.all(opening);
    this.#free.push(...this.#connections);
  }

  /** Each connection asks again when it was answered: how much the other side can take. */
  async runClosedLoop(): Promise<void> {
    for (const connection of this.#free.splice(0)) this.#send(connection, performance.now());
    await Bun.sleep(this.#plan.warmUpSeconds * 1000);
    const before = this.#through();
    this.#measureFromMs = performance.now();
    await this.#sleepUnlessOver(this.#plan.seconds * 1000);
    this.#isOver = true;
    this.#measuredMs = performance.now() - this.#measureFromMs;
    this.#measured = this.#through() - before;
  }

  /**
   * Requests fall due by the clock, however slow the answers are, and a request's time runs from then on, also while all
   * connections are taken: a server that stalls cannot keep the requests away that would have suffered from it.
   */
  async runOpenLoop(): Promise<void> {
    this.#isClosedLoop = false;
    const { requestsPerSecond, warmUpSeconds, seconds } = this.#plan;
    const startMs = performance.now();
    const untilMs = startMs + (warmUpSeconds + seconds) * 1000;
    this.#measureFromMs = startMs + warmUpSeconds * 1000;
    let begun = 0;
    for (let nowMs = startMs; nowMs < untilMs && !this.#isOver; nowMs = performance.now()) {
      const due = Math.floor(((nowMs - startMs) / 1000) * requestsPerSecond);
      for (; begun < due; begun++) this.#fallDue(nowMs);
      await Bun.sleep(TICK_MS);
    }
    await this.#sleepUnlessOver(200); // what is under way may end
    this.#isOver = true;
    this.#measured = this.#latenciesMs.length;
    this.#measuredMs = seconds * 1000;
    this.#giveUpLate();
  }

  end(): LoadReport {
    const requests = this.#through();
    for (const connection of this.#connections) connection.close();
    const sorted = Float64Array.from(this.#latenciesMs).toSorted();
    return {
      requests,
      perSecond: (this.#measured / this.#measuredMs) * 1000,
      p50Ms: quantile(sorted, 0.5),
      p99Ms: quantile(sorted, 0.99),
      receivedBytes:
        this.#receivedBytes + (this.#plan.sentBytes > 0 ? 0 : this.#inFlight()) * this.#plan.expectedBytes,
      sentBytes: requests * this.#plan.sentBytes,
      refused: this.#refused,
      errors: this.#errors,
      firstError: this.#firstError,
    };
  }

  #connect(): Promise<Connection> {
    return Connection.open(this.#plan, {
      onAnswer: (connection, answer) => this.#take(connection, answer),
      onError: (_connection, message) => this.#fail(message),
    });
  }

  #fallDue(dueMs: number): void {
    const connection = this.#free.shift(); // all take turns
    if (connection) this.#send(connection, dueMs);
    else this.#waitingMs.push(dueMs);
  }

  #send(connection: Connection, dueMs: number): void {
    connection.send(this.#heads[this.#turn++ % this.#heads.length] as Uint8Array, dueMs);
  }

  #take(connection: Connection, answer: Answer): void {
    this.#check(answer);
    this.#answered++;
    this.#receivedBytes += answer.bodyBytes;
    const nowMs = performance.now();
    if (connection.dueMs >= this.#measureFromMs) this.#latenciesMs.push(nowMs - connection.dueMs);
    if (this.#isOver) return;
    if (this.#plan.isFreshEach) return void this.#replace(connection);
    if (this.#isClosedLoop) return this.#send(connection, nowMs);
    const waitingMs = this.#waitingMs.shift();
    if (waitingMs === undefined) this.#free.push(connection);
    else this.#send(connection, waitingMs);
  }

  /** A request's time on a connection of its own runs from before it is opened. */
  async #replace(old: Connection): Promise<void> {
    const dueMs = performance.now();
    old.close();
    const fresh = await this.#connect();
    this.#connections[this.#connections.indexOf(old)] = fresh;
    if (!this.#isOver) this.#send(fresh, dueMs);
  }

  #check({ status, bodyBytes }: Answer): void {
    const { expectedBytes, mayBeRefused, isWebSocket } = this.#plan;
    if (status === (isWebSocket ? 101 : 200) && (bodyBytes === expectedBytes || expectedBytes === 0)) return;
    if (mayBeRefused && status === 429) return void this.#refused++;
    this.#fail(`${status} with ${bodyBytes} bytes instead of 200 with ${expectedBytes}`);
  }

  #fail(message: string): void {
    if (this.#isOver) return;
    this.#errors++;
    this.#firstError ||= message;
    if (this.#errors >= MAX_ERRORS) this.#isOver = true;
  }

  /** What was never answered counts as late as it is now, else the slowest would be left out. */
  #giveUpLate(): void {
    const nowMs = performance.now();
    const busy = this.#connections.filter(({ isBusy }) => isBusy).map(({ dueMs }) => dueMs);
    for (const dueMs of [...busy, ...this.#waitingMs]) {
      if (dueMs >= this.#measureFromMs) this.#latenciesMs.push(nowMs - dueMs);
    }
  }

  #through(): number {
    return this.#answered + this.#inFlight();
  }

  #inFlight(): number {
    if (this.#plan.sentBytes + this.#plan.expectedBytes < 1_000_000) return 0;
    return this.#connections.reduce((total, connection) => total + connection.progress(), 0);
  }

  async #sleepUnlessOver(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    while (!this.#isOver && performance.now() < untilMs)
      await Bun.sleep(Math.min(50, untilMs - performance.now()));
  }
}

/** One for each path and for each client, whichever are more; both go round. */
function requestHeads(plan: LoadPlan): Uint8Array[] {
  const { paths, clients, isWebSocket, expectedBytes } = plan;
  if (isWebSocket) return [clientMessage(expectedBytes)];
  return Array.from({ length: Math.max(paths.length, clients?.count ?? 0) }, (_, index) => {
    const path = paths[index % paths.length] ?? "/";
    return requestHead(plan, path, clients && clientAddress(clients, index));
  });
}

function requestHead(plan: LoadPlan, path: string, client?: string): Uint8Array {
  const { method, port, sentBytes, fields = [] } = plan;
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "User-Agent: headgate-bench",
    "Accept: */*",
    ...fields,
    ...(client === undefined ? [] : [`X-Forwarded-For: ${client}`]),
    ...(method === "POST" ? ["Content-Type: application/octet-stream", `Content-Length: ${sentBytes}`] : []),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}
