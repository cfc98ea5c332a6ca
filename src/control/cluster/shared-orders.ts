import * as v from "valibot";
import type { Time } from "../../runtime/host.ts";
import type { Override, Overrides, ServerName } from "../servers/overrides.ts";
import { type EntryMark, Ledger, type LedgerChange } from "./ledger.ts";
import type { Store } from "./store.ts";

/** What people's words are shared with. */
export interface SharedOrdersOptions {
  readonly node: string;
  /** The store's key. */
  readonly key: string;
  readonly time: Pick<Time, "monotonicMs">;
  /** What is known here. */
  readonly overrides: Pick<Overrides, "of" | "entries">;
  /** Does here what a person said at another node. */
  readonly obey: (name: ServerName, override: Override | undefined) => void;
  /** The age of what is known here, as it was kept; undefined where nothing was. */
  readonly marks: string | undefined;
  readonly keepMarks: (marks: string) => void;
}

const order = v.nullable(
  v.object({
    weight: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(256))),
    state: v.exactOptional(v.picklist(["drain", "down"])),
    setAt: v.number(),
  }),
);

const serverName = v.tuple([v.string(), v.string()]);

const storedMarks = v.array(v.tuple([v.string(), v.number(), v.string()]));

/** More words about servers than this are not shared. */
const mostOrders = 10_000;

/** What people say of servers, the same on all nodes: whoever said something last is obeyed, also who takes it back. */
export class SharedOrders {
  readonly #options: SharedOrdersOptions;
  readonly #ledger: Ledger;
  #obey: SharedOrdersOptions["obey"];
  #hasHeard = false;

  constructor(options: SharedOrdersOptions) {
    this.#options = options;
    this.#obey = options.obey;
    this.#ledger = new Ledger({ ...options, most: mostOrders, apply: (change) => this.#hear(change) });
    this.#recall();
  }

  /** A person said something here. Its age is on the disk before the word itself is. */
  say(name: ServerName, override: Override | undefined): void {
    this.#ledger.say({ name: nameOf(name), payload: JSON.stringify(override ?? null), leftMs: 0 });
    this.#keepMarks();
  }

  /** From now on what a person says elsewhere is done by somebody else. */
  obeyBy(obey: SharedOrdersOptions["obey"]): void {
    this.#obey = obey;
  }

  /** Everything is compared with the next exchange. */
  readAnew(): void {
    this.#ledger.readAnew();
  }

  /** Exchanges with the other nodes; gives how many values of the store are not ours. */
  async exchange(store: Store): Promise<number> {
    const foreign = await this.#ledger.exchange(store);
    if (this.#hasHeard) this.#keepMarks();
    this.#hasHeard = false;
    return foreign;
  }

  #hear({ name, payload }: LedgerChange): boolean {
    const server = parse(serverName, name);
    const said = parse(order, payload);
    if (!server || said === undefined) return false;
    this.#obey({ upstream: server[0], server: server[1] }, said ?? undefined);
    this.#hasHeard = true;
    return true;
  }

  /** Words of which no age is known give way to whatever the others know. */
  #recall(): void {
    const { overrides, marks, node } = this.#options;
    const known = new Map((parse(storedMarks, marks ?? "[]") ?? []).map((mark) => [mark[0], mark]));
    for (const [name, override] of overrides.entries()) {
      const mark: EntryMark = known.get(nameOf(name)) ?? [nameOf(name), 0, node];
      this.#ledger.recall(mark, JSON.stringify(override));
      known.delete(mark[0]);
    }
    for (const mark of known.values()) this.#ledger.recall(mark, "null");
  }

  #keepMarks(): void {
    this.#options.keepMarks(JSON.stringify(this.#ledger.marks()));
  }
}

function nameOf({ upstream, server }: ServerName): string {
  return JSON.stringify([upstream, server]);
}

function parse<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | undefined {
  try {
    const read = v.safeParse(schema, JSON.parse(text));
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}
