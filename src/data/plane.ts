import type { OutgoingAnswer } from "../http/outgoing-answer.ts";
import type { IncomingRequest } from "../http/incoming-request.ts";
import { openBoard } from "../board/board.ts";
import type { Host } from "../runtime/host.ts";
import type { Connection, HostListener, RequestHandler } from "../runtime/listener.ts";
import type { Arrival } from "./exchange/arrival.ts";
import { createDeadlines } from "./deadlines.ts";
import { askToLeave, LeavingListeners } from "./leaving-listeners.ts";
import { answer } from "./life-of-a-request.ts";
import { arrivalOf, openListener, plansOf } from "./listener-plan.ts";
import type { ListenerPlan, Ports } from "./listener-plan.ts";
import { createLagMeter } from "./limits/lag-meter.ts";
import { createAccessLog } from "./log/access-log.ts";
import type { AccessLog } from "./log/access-log.ts";
import { createPipeline } from "./pipeline.ts";
import type { Pipeline, PipelineTools } from "./pipeline.ts";
import type { Notify } from "./plane-event.ts";
import type { Snapshot } from "./snapshot.ts";
import { SpanBatch, type TakeSpans } from "./trace/span-batch.ts";
import { loadModules } from "./transform/modules/load-modules.ts";
import { createClients } from "./upstream/clients.ts";

/** Where a listener accepts. */
export interface ListenerAddress {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  /** Whether the listener that it took the place of still accepts too, until the plane is told to retire it. */
  readonly isHandingOver?: true;
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
  /** Takes what was traced. */
  readonly takeSpans?: TakeSpans;
  /** Takes a line about a fault of our own. */
  readonly report?: (message: string) => void;
}

/** A running data plane: listeners that answer by a snapshot. */
export interface Plane {
  readonly addresses: readonly ListenerAddress[];
  /** Answers new requests by another snapshot: all of it, or (rejecting) none of it. */
  apply(snapshot: Snapshot, ports: Ports): Promise<void>;
  /** Closes the listeners whose port has a new one since `apply`; what they have accepted is answered. */
  retire(): void;
  /** Answers a request that came in by somebody else's listener. */
  answer(
    request: IncomingRequest,
    connection: Connection,
    arrival: Arrival,
  ): Promise<OutgoingAnswer | undefined>;
  /** Opens the access log's file anew. */
  reopenLog(): void;
  /** Goes on accepting, but asks each client to come back by another connection: soon somebody else may answer it. */
  askToLeave(): void;
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
  readonly handle: RequestHandler;
  readonly answering: { arrival: Arrival; pipeline: Pipeline };
}

class DataPlane implements Plane {
  readonly #options: PlaneOptions;
  readonly #tools: Omit<PipelineTools, "log" | "modules">;
  readonly #leaving = new LeavingListeners();
  #open = new Map<string, OpenListener>();
  #log: AccessLog | undefined;
  #logKey = "";
  #pipeline: Pipeline | undefined;

  constructor(options: PlaneOptions) {
    const { host, board, workerIndex, notify = () => {}, report = () => {}, takeSpans = () => {} } = options;
    this.#options = options;
    const own = openBoard(board, workerIndex);
    this.#tools = {
      host,
      board: own,
      lag: createLagMeter(host.time, own),
      memory: board,
      workerIndex,
      deadlines: createDeadlines(host.time),
      spans: new SpanBatch(takeSpans, host.time),
      clients: createClients(host),
      notify,
      report,
    };
  }

  get addresses(): readonly ListenerAddress[] {
    const { waitingPorts } = this.#leaving;
    return [...this.#open].map(
      ([
        name,
        {
          listener: { hostname, port },
        },
      ]) =>
        waitingPorts.has(port) ? { name, hostname, port, isHandingOver: true } : { name, hostname, port },
    );
  }

  async apply(snapshot: Snapshot, ports: Ports): Promise<void> {
    const modules = await loadModules(snapshot, this.#options.host);
    const log = this.#logOf(snapshot);
    const pipeline = createPipeline(snapshot, { ...this.#tools, log, modules });
    const next = this.#openAll(plansOf(snapshot, ports), pipeline);
    const old = this.#open;
    this.#open = next;
    this.#pipeline = pipeline;
    for (const [name, open] of old) this.#leave(open, next.get(name));
    if (this.#log !== log) void this.#log?.close();
    this.#log = log;
    this.#logKey = logKeyOf(snapshot);
  }

  async answer(
    request: IncomingRequest,
    connection: Connection,
    arrival: Arrival,
  ): Promise<OutgoingAnswer | undefined> {
    if (!this.#pipeline) throw new Error("Cannot answer: the data plane has no configuration yet");
    return answer(request, connection, { arrival, pipeline: this.#pipeline });
  }

  retire(): void {
    this.#leaving.stopWaiting();
  }

  reopenLog(): void {
    this.#log?.reopen();
  }

  askToLeave(): void {
    for (const { listener, handle } of this.#open.values()) listener.replaceHandler(askToLeave(handle));
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ listener }) => listener.stop()));
    await this.#leaving.ended();
    this.#tools.spans.flush();
    await this.#log?.close();
  }

  close(): void {
    for (const { listener } of this.#open.values()) listener.abort();
    this.#leaving.abort();
  }

  /** To stop a listener at once would reset connections that are under way to it, where another has taken its port. */
  #leave({ listener, handle }: OpenListener, next: OpenListener | undefined): void {
    if (next?.listener === listener) return;
    if (next?.listener.port === listener.port) this.#leaving.wait(listener, handle);
    else this.#leaving.stop(listener);
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

  /** Connections of the listener that it takes the place of are answered by the new configuration too. */
  #openOne(plan: ListenerPlan, pipeline: Pipeline): OpenListener {
    const arrival = arrivalOfPlan(plan);
    const known = this.#open.get(plan.name)?.answering;
    const answering = known?.arrival.scheme === arrival.scheme ? known : { pipeline, arrival };
    const handle: RequestHandler = (request, connection) => answer(request, connection, answering);
    const listener = openListener(plan, handle, this.#options.host);
    return { key: plan.key, answering, handle, listener };
  }

  #logOf(snapshot: Snapshot): AccessLog {
    if (this.#log && this.#logKey === logKeyOf(snapshot)) return this.#log;
    return createAccessLog(snapshot.config.accessLog, this.#tools);
  }
}

function logKeyOf({ config }: Snapshot): string {
  return JSON.stringify(config.accessLog);
}

function arrivalOfPlan({ name, config }: ListenerPlan): Arrival {
  return arrivalOf(name, config);
}
