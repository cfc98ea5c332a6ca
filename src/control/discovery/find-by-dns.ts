import { authorityOf } from "../../config/authority.ts";
import type { DiscoverConfig } from "../../config/config.ts";
import { asksForServices } from "../../config/dns-name.ts";
import { DnsError } from "../dns/dns-error.ts";
import type { DnsRecord, RecordType, ServiceRecord } from "../dns/message.ts";
import type { Resolve } from "../dns/resolver.ts";
import type { FoundServer } from "./found-server.ts";
import { weighServices } from "./weigh-services.ts";

/** An upstream's `discover.dns`. */
export type DnsConfig = NonNullable<DiscoverConfig["dns"]>;

/** What DNS says of an upstream's servers. */
export interface DnsFindings {
  readonly servers: readonly FoundServer[];
  /** How long that may be believed, seconds; Infinity where nobody says. */
  readonly ttlSeconds: number;
  /** What could not be found out, though the servers could. */
  readonly fault?: string;
}

/** More targets of a service than this are not asked for at a time. */
const targetsAtATime = 8;

/** More targets of a service than this are not asked for at all. */
const mostTargets = 512;

/** Asks DNS for an upstream's servers. Rejects with a `DnsError` where it knows none. */
export function findByDns(config: DnsConfig, resolve: Resolve): Promise<DnsFindings> {
  return asksForServices(config) ? findServices(config.name, resolve) : findAddresses(config, resolve);
}

async function findAddresses({ name, type, port = 0 }: DnsConfig, resolve: Resolve): Promise<DnsFindings> {
  const { addresses, ttlSeconds, fault } = await addressesOf(name, resolve, familiesOf(type));
  const servers = addresses.map((address) => toServer({ address, port }));
  return { servers, ttlSeconds, ...(fault && { fault: fault.message }) };
}

type Family = "A" | "AAAA";

function familiesOf(type: DnsConfig["type"]): readonly Family[] {
  return type === "A" || type === "AAAA" ? [type] : ["A", "AAAA"];
}

function toServer(found: Pick<FoundServer, "address" | "port"> & Partial<FoundServer>): FoundServer {
  return { name: authorityOf(found), weight: 1, backup: false, ...found };
}

interface Addresses {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
  readonly fault?: DnsError | undefined;
}

/** A name that has addresses of one family only is a good name; the other family may even fail. */
async function addressesOf(name: string, resolve: Resolve, families: readonly Family[]): Promise<Addresses> {
  const answers = await Promise.all(families.map((family) => settle(name, family, resolve)));
  const addresses = answers.flatMap(({ records }) => records.flatMap(toAddress));
  const faults = answers.flatMap(({ fault }) => fault ?? []);
  const fault = faults.find((one) => one.fault !== "no-records") ?? faults[0];
  if (addresses.length === 0) throw fault ?? new DnsError("no-records", `"${name}" has no addresses`);
  return {
    addresses: [...new Set(addresses)],
    ttlSeconds: Math.min(...answers.map(({ ttlSeconds }) => ttlSeconds)),
    fault: fault?.fault === "no-records" ? undefined : fault,
  };
}

function toAddress(record: DnsRecord): string[] {
  return record.type === "SRV" ? [] : [record.address];
}

interface Settled {
  readonly records: readonly DnsRecord[];
  readonly ttlSeconds: number;
  readonly fault?: DnsError;
}

async function settle(name: string, type: RecordType, resolve: Resolve): Promise<Settled> {
  try {
    return await resolve(name, type);
  } catch (error) {
    if (error instanceof DnsError) return { records: [], ttlSeconds: Infinity, fault: error };
    throw error;
  }
}

async function findServices(name: string, resolve: Resolve): Promise<DnsFindings> {
  const { records, ttlSeconds } = await resolve(name, "SRV");
  const services = records.filter(
    (record) => record.type === "SRV" && record.target !== "" && record.port > 0,
  ) as ServiceRecord[];
  const targets = [...new Set(services.map(({ target }) => target))].slice(0, mostTargets);
  const found = await resolveTargets(targets, resolve);
  const servers = weighServices(services).flatMap(({ target, port, weight, backup }) =>
    (found.get(target)?.addresses ?? []).map((address) => toServer({ address, port, weight, backup })),
  );
  const all = [...found.values()];
  const fault = all.find((one) => one.fault)?.fault;
  if (servers.length === 0) throw fault ?? new DnsError("no-records", `"${name}" names no server`);
  const soonest = Math.min(ttlSeconds, ...all.map((one) => one.ttlSeconds));
  return {
    servers: [...uniqueOf(servers).values()],
    ttlSeconds: soonest,
    ...(fault && { fault: fault.message }),
  };
}

/** Of two records that lead to the same server, the better one counts. */
function uniqueOf(servers: readonly FoundServer[]): Map<string, FoundServer> {
  const byName = new Map<string, FoundServer>();
  for (const server of servers) {
    const known = byName.get(server.name);
    if (!known || (known.backup && !server.backup)) byName.set(server.name, server);
  }
  return byName;
}

async function resolveTargets(targets: readonly string[], resolve: Resolve): Promise<Map<string, Addresses>> {
  const found = new Map<string, Addresses>();
  const left = [...targets];
  const work = async (): Promise<void> => {
    for (let target = left.pop(); target !== undefined; target = left.pop())
      found.set(target, await addressesOrNone(target, resolve));
  };
  await Promise.all(Array.from({ length: targetsAtATime }, work));
  return found;
}

async function addressesOrNone(target: string, resolve: Resolve): Promise<Addresses> {
  try {
    return await addressesOf(`${target}.`, resolve, ["A", "AAAA"]);
  } catch (error) {
    if (error instanceof DnsError) return { addresses: [], ttlSeconds: Infinity, fault: error };
    throw error;
  }
}
