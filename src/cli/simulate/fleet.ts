import type { ServerConfig } from "../../config/config.ts";
import type { Distribution } from "../../data/balance/simulate/distribution.ts";
import { coldServer, failingServer, type ServerModel } from "../../data/balance/simulate/server-model.ts";
import { UsageError } from "../command.ts";
import { meanOf } from "./latency.ts";

/** A modelled server with its name. */
export interface NamedServer {
  readonly name: string;
  readonly model: ServerModel;
  /** What is wrong with it, in a few words; undefined for an ordinary one. */
  readonly flaw?: string;
}

/** What servers are made from. */
export interface FleetOptions {
  readonly servers: readonly Pick<ServerConfig, "name" | "weight" | "maxConnections">[];
  /** What the servers work on at once, on average: one of twice the weight has twice as many slots. */
  readonly slots: number;
  readonly serviceOf: (server: string) => Distribution;
  readonly flaws: FlawOptions;
}

/** How many servers are flawed. The first ones are, each in one way only. */
export interface FlawOptions {
  readonly slow: number;
  /** A slow one takes so many times as long. */
  readonly slowness: number;
  readonly failing: number;
  readonly cold: number;
}

/** Models servers. Throws where more are to be flawed than there are. */
export function createFleet({ servers, slots, serviceOf, flaws }: FleetOptions): NamedServer[] {
  const serving = servers.filter(({ weight }) => weight > 0);
  const flawed = listFlaws(flaws);
  if (flawed.length > serving.length)
    throw new UsageError(`Of ${serving.length} servers ${flawed.length} cannot be slow, failing or cold`);
  const meanWeight = serving.reduce((sum, { weight }) => sum + weight, 0) / serving.length;
  return servers.map((server) => {
    const { name, weight, maxConnections } = server;
    const share = Math.max(1, Math.round((slots * (weight || meanWeight)) / meanWeight));
    const model = { weight, maxConnections, slots: share, serviceMs: serviceOf(name) };
    return { name, model, ...flawed[serving.indexOf(server)]?.(model) };
  });
}

/** When a cold server is warm, ms. */
export const warmAtMs = 30_000;

type Flaw = (model: ServerModel) => { readonly model: ServerModel; readonly flaw: string };

function listFlaws({ slow, slowness, failing, cold }: FlawOptions): Flaw[] {
  const makeSlow: Flaw = (model) => ({ model: { ...model, slowness }, flaw: `${slowness} × as slow` });
  return [
    ...Array.from({ length: slow }, () => makeSlow),
    ...Array.from({ length: failing }, () => makeFailing),
    ...Array.from({ length: cold }, () => makeCold),
  ];
}

const makeFailing: Flaw = (model) => ({
  model: { ...failingServer(model.serviceMs, model.slots), ...model },
  flaw: "fails half of its requests, at once",
});

const makeCold: Flaw = (model) => ({
  model: { ...coldServer(model.serviceMs, model.slots), ...model },
  flaw: "comes up after 10 s, 10 × as slow at first, warm 20 s later",
});

/** How many requests per second the servers can answer, while none of them is flawed or while they are. */
export function capacityOf(fleet: readonly NamedServer[], state: "well" | "flawed"): number {
  const each = fleet.map(({ model: { weight = 1, maxConnections, slots, serviceMs, slowness = 1 } }) => {
    const atOnce = weight === 0 ? 0 : Math.min(slots, maxConnections || slots);
    return (1000 * atOnce) / (meanOf(serviceMs) * (state === "well" ? 1 : slowness));
  });
  return each.reduce((sum, perSecond) => sum + perSecond, 0);
}
