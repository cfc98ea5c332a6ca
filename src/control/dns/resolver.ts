import { readFile } from "node:fs/promises";
import { isIPv4, isIPv6 } from "node:net";
import type { NameServer } from "../../config/name-server.ts";
import { ask } from "./ask.ts";
import { DnsError, type DnsFault } from "./dns-error.ts";
import { addressesInHosts } from "./hosts-file.ts";
import type { Answer, DnsRecord, RecordType } from "./message.ts";
import { namesToTry, parseResolvConf, type ResolvConf } from "./resolv-conf.ts";

/** The records of a name. */
export interface Resolution {
  readonly records: readonly DnsRecord[];
  /** How long they may be believed, seconds; Infinity where nobody says. */
  readonly ttlSeconds: number;
}

/** Looks names up. Rejects with a `DnsError`. */
export type Resolve = (name: string, type: RecordType) => Promise<Resolution>;

/** Whom a resolver asks. */
export interface ResolverOptions {
  /** Instead of what the machine says in `/etc/resolv.conf` and `/etc/hosts`. */
  readonly servers?: readonly NameServer[];
  /** How long one name server may take for one answer, ms. */
  readonly timeoutMs?: number;
}

/** Every name server is asked so often before a look-up counts as failed. */
const rounds = 2;

const defaultTimeoutMs = 2_000;

/** An answer that ends in an alias is asked after further, so often. */
const mostAliases = 8;

/**
 * Creates a resolver that tells the truth about what it found: `node:dns` says no time to live for services, and on one of the
 * two runtimes calls a name server that fails a name that does not exist.
 */
export function createResolver({ servers, timeoutMs = defaultTimeoutMs }: ResolverOptions = {}): Resolve {
  return async (name, type) => {
    const literal = literalOf(name, type);
    if (literal) return literal;
    const machine = servers === undefined ? await readMachine(name, type) : undefined;
    if (machine?.known) return machine.known;
    const conf = machine?.conf ?? { servers: servers ?? [], search: [], ndots: 1 };
    return lookUpAny(name, type, { conf, timeoutMs });
  };
}

function literalOf(name: string, type: RecordType): Resolution | undefined {
  if (!isIPv4(name) && !isIPv6(name)) return undefined;
  const isAsked = type === (isIPv4(name) ? "A" : "AAAA");
  return knownAs(type, isAsked ? [name] : []);
}

async function readMachine(
  name: string,
  type: RecordType,
): Promise<{ readonly known: Resolution | undefined; readonly conf: ResolvConf }> {
  const [hosts, conf] = await Promise.all(
    ["/etc/hosts", "/etc/resolv.conf"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const { A, AAAA } = addressesInHosts(hosts ?? "", name);
  const isKnown = type !== "SRV" && A.length + AAAA.length > 0;
  return {
    known: isKnown ? knownAs(type, type === "A" ? A : AAAA) : undefined,
    conf: parseResolvConf(conf ?? ""),
  };
}

function knownAs(type: RecordType, addresses: readonly string[]): Resolution {
  if (type === "SRV" || addresses.length === 0) throw new DnsError("no-records", `it has no ${type} records`);
  const records = addresses.map((address) => ({ type, address, ttlSeconds: Infinity }));
  return { records, ttlSeconds: Infinity };
}

interface LookUp {
  readonly conf: ResolvConf;
  readonly timeoutMs: number;
}

/** A name that does not exist may do so in the next of the search domains, and one that is refused may be known there. */
async function lookUpAny(name: string, type: RecordType, options: LookUp): Promise<Resolution> {
  let worst = new DnsError("not-found", `the name "${name}" does not exist`);
  for (const whole of namesToTry(name, options.conf)) {
    try {
      return await lookUp(whole, type, options);
    } catch (error) {
      const weight = error instanceof DnsError ? goOn.indexOf(error.fault) : -1;
      if (weight < 0) throw error;
      if (weight >= goOn.indexOf(worst.fault)) worst = error as DnsError;
    }
  }
  throw worst;
}

/** After these faults the next name is tried; the last of them says most about what keeps the name from being found. */
const goOn: readonly DnsFault[] = ["not-found", "no-records", "refused"];

async function lookUp(name: string, type: RecordType, options: LookUp): Promise<Resolution> {
  let [at, ttlSeconds] = [name, Infinity];
  for (let aliases = 0; aliases < mostAliases; aliases++) {
    const answer = await askAny(at, type, options);
    ttlSeconds = Math.min(ttlSeconds, answer.ttlSeconds);
    if (answer.records.length > 0) return { records: answer.records, ttlSeconds };
    if (answer.alias === undefined) throw new DnsError("no-records", `"${at}" has no ${type} records`);
    at = answer.alias;
  }
  throw new DnsError("malformed", `"${name}" is an alias of an alias too often`);
}

/** Asks one name server after the other until one of them knows. */
async function askAny(name: string, type: RecordType, { conf, timeoutMs }: LookUp): Promise<Answer> {
  let fault: unknown = new DnsError("unreachable", "there is no name server to ask");
  for (const server of Array.from({ length: rounds }, () => conf.servers).flat()) {
    try {
      return judge(await ask({ server, question: { name, type }, timeoutMs }), name, server);
    } catch (error) {
      if (!(error instanceof DnsError) || error.fault === "not-found") throw error;
      fault = error;
    }
  }
  throw fault;
}

const codes: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  4: "NOTIMP",
  5: "REFUSED",
};

function judge(answer: Answer, name: string, { address }: NameServer): Answer {
  if (answer.code === 0) return answer;
  if (answer.code === 3) throw new DnsError("not-found", `the name "${name}" does not exist (NXDOMAIN)`);
  throw new DnsError("refused", `${address} answers ${codes[answer.code] ?? answer.code} for "${name}"`);
}
