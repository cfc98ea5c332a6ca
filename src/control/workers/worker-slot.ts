import type { ListenerAddress } from "../../data/plane.ts";
import type { Notify } from "../../data/plane-event.ts";
import type { Snapshot } from "../../data/snapshot.ts";
import type { FromWorker, ToWorker } from "../../data/worker-messages.ts";
import type { TakeSpans } from "../../data/trace/span-batch.ts";
import type { Time } from "../../runtime/host.ts";
import type { SpawnWorker, WorkerThread } from "./worker-thread.ts";

/** Ports by listener. */
export type Ports = Readonly<Record<string, number>>;

/** What a slot is made of. */
export interface SlotOptions {
  readonly index: number;
  readonly workerCount: number;
  readonly board: SharedArrayBuffer;
  readonly spawn: SpawnWorker;
  readonly time: Time;
  /** Called when a thread that ran has ended without being told to. */
  readonly died: (slot: WorkerSlot, reason: string) => void;
  readonly notify: Notify;
  readonly takeSpans: TakeSpans;
  /** Takes a line about a fault of the worker's own. */
  readonly report: (message: string) => void;
}

/** A thread that says nothing for so long after its start, in ms, is given up. */
const startLimitMs = 30_000;

/** How a question to the thread ends: with a message, or with the thread. */
type Reply =
  | Extract<FromWorker, { type: "ready" | "refused" | "drained" }>
  | { readonly type: "ended"; readonly reason: string };

/** A drain may be asked for while a snapshot is still on its way. */
type Question = "snapshot" | "drain";

/** One worker's place in the crew: a thread that is started, told things, and started again when it dies. */
export class WorkerSlot {
  readonly index: number;
  readonly #options: SlotOptions;
  readonly #asked = new Map<Question, (reply: Reply) => void>();
  #thread: WorkerThread | undefined;
  #isRunning = false;
  #turn = 0;

  constructor(options: SlotOptions) {
    this.index = options.index;
    this.#options = options;
  }

  /** Whether its listeners are open. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Starts a thread and resolves when its listeners are open; rejects where it cannot. */
  async start(snapshot: Snapshot, ports: Ports): Promise<readonly ListenerAddress[]> {
    const { index: workerIndex, workerCount, board, time } = this.#options;
    const replied = this.#wait("snapshot"); // before the thread is there: it may end in the act
    this.#thread = this.#spawn();
    this.#thread.post({ type: "start", workerIndex, workerCount, board, snapshot, ports });
    const limit = time.after(startLimitMs, () => this.#hear({ type: "ended", reason: "it does not answer" }));
    const reply = await replied;
    limit.stop();
    this.#isRunning = reply.type === "ready";
    if (!this.#isRunning) await this.terminate();
    return readyAddresses(reply);
  }

  /** Rejects where the worker refuses the snapshot; undefined where the thread is, or has just, gone. */
  async apply(snapshot: Snapshot, ports: Ports): Promise<readonly ListenerAddress[] | undefined> {
    if (!this.#isRunning) return undefined;
    const reply = await this.#ask("snapshot", { type: "apply", snapshot, ports });
    return reply.type === "ended" ? undefined : readyAddresses(reply);
  }

  retire(): void {
    this.#thread?.post({ type: "retire" });
  }

  reopenLog(): void {
    this.#thread?.post({ type: "reopenLog" });
  }

  askToLeave(): void {
    this.#thread?.post({ type: "askToLeave" });
  }

  /** Resolves when the last exchange has ended, or the thread has. */
  async drain(): Promise<void> {
    if (this.#isRunning) await this.#ask("drain", { type: "drain" });
  }

  /** Ends the thread at once; this is no death. */
  async terminate(): Promise<void> {
    this.#isRunning = false;
    await this.#thread?.terminate();
  }

  #spawn(): WorkerThread {
    const turn = ++this.#turn;
    return this.#options.spawn({
      message: (message) => this.#receive(message),
      ended: (reason = "it ended by itself") => {
        if (turn === this.#turn) this.#ended(reason); // else it is one that was given up before
      },
    });
  }

  #ask(question: Question, message: ToWorker): Promise<Reply> {
    const reply = this.#wait(question);
    this.#thread?.post(message);
    return reply;
  }

  #wait(question: Question): Promise<Reply> {
    return new Promise((resolve) => {
      this.#asked.set(question, resolve);
    });
  }

  #receive(message: FromWorker): void {
    if (message.type === "event") this.#options.notify(message.event);
    else if (message.type === "spans") this.#options.takeSpans(message.spans);
    else if (message.type === "fault") this.#options.report(message.message);
    else this.#hear(message);
  }

  #hear(reply: Reply): void {
    if (reply.type !== "drained") this.#answer("snapshot", reply);
    if (reply.type === "drained" || reply.type === "ended") this.#answer("drain", reply);
  }

  #answer(question: Question, reply: Reply): void {
    this.#asked.get(question)?.(reply);
    this.#asked.delete(question);
  }

  #ended(reason: string): void {
    const wasRunning = this.#isRunning;
    this.#thread = undefined;
    this.#isRunning = false;
    this.#hear({ type: "ended", reason });
    if (wasRunning) this.#options.died(this, reason);
  }
}

function readyAddresses(reply: Reply): readonly ListenerAddress[] {
  if (reply.type === "ready") return reply.addresses;
  if (reply.type === "refused") throw new Error(reply.message);
  throw new Error(`Cannot start a worker: ${reply.type === "ended" ? reply.reason : "it is draining"}`);
}
