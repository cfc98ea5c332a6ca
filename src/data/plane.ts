import { openBoard } from "../board/board.ts";
import type { Connection, Host, HostListener, RequestHandler } from "../runtime/host.ts";
import type { Arrival } from "./exchange/arrival.ts";
import { createDeadlines } from "./deadlines.ts";
import { answer } from "./life-of-a-request.ts";
import { arrivalOf, openListener, plansOf } from "./listener-plan.ts";
import type { ListenerPlan, Ports } from "./listener-plan.ts";
import { createAccessLog } from "./log/access-log.ts";
import type { AccessLog } from "./log/access-log.ts";
import { createPipeline } from "./pipeline.ts";
import type { Pipeline, PipelineTools } from "./pipeline.ts";
import type { Notify } from "./plane-event.ts";
import type { Snapshot } from "./snapshot.ts";
import { createClients } from "./upstream/clients.ts";

/** Where a listener accepts. */
export interface ListenerAddress {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
}

/** What a data plane is started with. */
export interface PlaneOptions {
  readonly host: Host;
  readonly board: SharedArrayBuffer;
  readonly workerIndex: number;
  /** Whether other workers open the same ports. */
  readonly isShared: boolean;
  readonly snapshot: Snapshot;
  readonly ports: Ports;
  /** Takes what happens to servers. */
  readonly notify?: Notify;
  /** Takes a line about a fault of our own. */
  readonly report?: (message: string) => void;
}

/** A running data plane: listeners that answer by a snapshot. */
export interface Plane {
  readonly addresses: readonly ListenerAddress[];
  /** Answers new requests by another snapshot: all of it, or (rejecting) none of it. */
  apply(snapshot: Snapshot, ports: Ports): Promise<void>;
  /** Answers a request that came in by somebody else's listener. */
  answer(request: Request, connection: Connection, arrival: Arrival): Promise<Response | undefined>;
  /** Opens the access log's file anew. */
  reopenLog(): void;
  /** Stops accepting and resolves when the last exchange has ended. */
  drain(): Promise<void>;
  /** Cuts whatever is still open. */
  close(): void;
}

/** Opens the listeners of a snapshot and answers on them. */
export async function startPlane(options: PlaneOptions): Promise<Plane> {
  const plane = new DataPlane(options);
  await plane.apply(options.snapshot, options.ports);
  return plane;
}

/** A listener that is open, and what its requests are answered by from now on. */
interface OpenListener {
  readonly key: string;
  readonly listener: HostListener;
  readonly answering: { arrival: Arrival; pipeline: Pipeline };
}

class DataPlane implements Plane {
  readonly #options: PlaneOptions;
  readonly #tools: Omit<PipelineTools, "log">;
  #open = new Map<string, OpenListener>();
  #log: AccessLog | undefined;
  #logKey = "";
  #pipeline: Pipeline | undefined;

  constructor(options: PlaneOptions) {
    const { host, board, workerIndex, notify = () => {}, report = () => {} } = options;
    this.#options = options;
    this.#tools = {
      host,
      board: openBoard(board, workerIndex),
      memory: board,
      workerIndex,
      deadlines: createDeadlines(host.time),
      clients: createClients(host),
      notify,
      report,
    };
  }

  get addresses(): readonly ListenerAddress[] {
    return [...this.#open].map(([name, { listener }]) => ({
      name,
      hostname: listener.hostname,
      port: listener.port,
    }));
  }

  async apply(snapshot: Snapshot, ports: Ports): Promise<void> {
    const log = this.#logOf(snapshot);
    const pipeline = createPipeline(snapshot, { ...this.#tools, log });
    const next = this.#openAll(plansOf(snapshot, ports), pipeline);
    const old = this.#open;
    this.#open = next;
    this.#pipeline = pipeline;
    for (const [name, { listener }] of old) {
      if (next.get(name)?.listener !== listener) void listener.stop();
    }
    if (this.#log !== log) void this.#log?.close();
    this.#log = log;
    this.#logKey = logKeyOf(snapshot);
  }

  async answer(request: Request, connection: Connection, arrival: Arrival): Promise<Response | undefined> {
    if (!this.#pipeline) throw new Error("Cannot answer: the data plane has no configuration yet");
    return answer(request, connection, { arrival, pipeline: this.#pipeline });
  }

  reopenLog(): void {
    this.#log?.reopen();
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ listener }) => listener.stop()));
    await this.#log?.close();
  }

  close(): void {
    for (const { listener } of this.#open.values()) listener.abort();
  }

  /** Opens what is new first, so that a port that is taken leaves everything as it was. */
  #openAll(plans: readonly ListenerPlan[], pipeline: Pipeline): Map<string, OpenListener> {
    const opened: HostListener[] = [];
    try {
      const entries = plans.map((plan): [string, OpenListener] => {
        const known = this.#open.get(plan.name);
        if (known?.key === plan.key) return [plan.name, known];
        const open = this.#openOne(plan, pipeline);
        opened.push(open.listener);
        return [plan.name, open];
      });
      for (const [index, [, { answering }]] of entries.entries()) {
        Object.assign(answering, { pipeline, arrival: arrivalOfPlan(plans[index] as ListenerPlan) });
      }
      return new Map(entries);
    } catch (error) {
      for (const listener of opened) listener.abort();
      throw error;
    }
  }

  #openOne(plan: ListenerPlan, pipeline: Pipeline): OpenListener {
    const answering = { pipeline, arrival: arrivalOfPlan(plan) };
    const handle: RequestHandler = (request, connection) => answer(request, connection, answering);
    return { key: plan.key, answering, listener: openListener(plan, handle, this.#options.host) };
  }

  #logOf(snapshot: Snapshot): AccessLog {
    if (this.#log && this.#logKey === logKeyOf(snapshot)) return this.#log;
    return createAccessLog(snapshot.config.accessLog, this.#options.host);
  }
}

function logKeyOf({ config }: Snapshot): string {
  return JSON.stringify(config.accessLog);
}

function arrivalOfPlan({ name, config }: ListenerPlan): Arrival {
  return arrivalOf(name, config);
}
