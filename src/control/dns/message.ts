import { describeIpv4 } from "../../http/address/ipv4.ts";
import { describeIpv6 } from "../../http/address/ipv6.ts";

/** The kinds of records that are asked for, by their numbers (RFC 1035, RFC 3596, RFC 2782). */
export const recordTypes = { A: 1, AAAA: 28, SRV: 33 } as const;

/** A kind of record. */
export type RecordType = keyof typeof recordTypes;

/** A record that says an address. */
export interface AddressRecord {
  readonly type: "A" | "AAAA";
  readonly address: string;
  readonly ttlSeconds: number;
}

/** A record that says where a service is. */
export interface ServiceRecord {
  readonly type: "SRV";
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** Without the dot at the end; "" = there is decidedly no such service. */
  readonly target: string;
  readonly ttlSeconds: number;
}

/** What answers are made of. */
export type DnsRecord = AddressRecord | ServiceRecord;

/** What is asked. */
export interface Question {
  /** Two random bytes by which the answer is known. */
  readonly id: number;
  readonly name: string;
  readonly type: RecordType;
}

/** A name server's answer. */
export interface Answer {
  /** The response code: 0 = all is well, 2 = SERVFAIL, 3 = NXDOMAIN, 5 = REFUSED. */
  readonly code: number;
  /** Whether it did not fit: ask again over TCP. */
  readonly isTruncated: boolean;
  /** The records of the asked kind, by way of the aliases in the answer. */
  readonly records: readonly DnsRecord[];
  /** Where the aliases lead to, where they lead to nothing in this answer. */
  readonly alias: string | undefined;
  /** The shortest time to live of all that was gone by; Infinity where that is nothing. */
  readonly ttlSeconds: number;
}

const headerBytes = 12;
const aliasType = 5;
const internetClass = 1;

/** An alias of an alias of an alias …: more are a mistake. */
const mostAliases = 16;

/** Writes a query that wants recursion. Throws a RangeError where the name is none. */
export function writeQuery({ id, name, type }: Question): Uint8Array {
  const labels = writeName(name);
  const bytes = new Uint8Array(headerBytes + labels.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, 0x0100); // recursion desired
  view.setUint16(4, 1);
  bytes.set(labels, headerBytes);
  view.setUint16(bytes.length - 4, recordTypes[type]);
  view.setUint16(bytes.length - 2, internetClass);
  return bytes;
}

function writeName(name: string): Uint8Array {
  const labels = name
    .replace(/\.$/, "")
    .split(".")
    .map((label) => new TextEncoder().encode(label));
  const isName = labels.every(({ length }) => length > 0 && length < 64);
  const bytes = labels.flatMap((label) => [Uint8Array.of(label.length), label]).concat(new Uint8Array(1));
  const whole = Buffer.concat(bytes);
  if (!isName || whole.length > 255) throw new RangeError(`Cannot ask for "${name}": it is no DNS name`);
  return whole;
}

/**
 * Reads the answer to a question; undefined where it is the answer to another one. Throws a RangeError where it breaks off
 * or leads nowhere: the bytes come from strangers, and no claim of theirs makes us read or keep more than they sent.
 */
export function readAnswer(bytes: Uint8Array, question: Question): Answer | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  if (view.getUint16(0) !== question.id || (flags & 0x8000) === 0) return undefined;
  const code = flags & 0x000f;
  const isTruncated = (flags & 0x0200) !== 0;
  if (view.getUint16(4) === 0) return { ...nothing, code, isTruncated };
  const asked = readName(view, headerBytes);
  if (!isSameName(asked.name, question.name) || view.getUint16(asked.end) !== recordTypes[question.type])
    return undefined;
  if (isTruncated) return { ...nothing, code, isTruncated };
  return { code, isTruncated, ...follow(readRecords(view, asked.end + 4), question) };
}

const nothing = { records: [], alias: undefined, ttlSeconds: Infinity } as const;

/** A record as it stands in the message. */
interface RawRecord {
  readonly name: string;
  readonly type: number;
  readonly ttlSeconds: number;
  readonly view: DataView;
  readonly at: number;
  readonly length: number;
}

function readRecords(view: DataView, start: number): RawRecord[] {
  const records: RawRecord[] = [];
  let at = start;
  for (let left = view.getUint16(6); left > 0; left--) {
    const { name, end } = readName(view, at);
    const length = view.getUint16(end + 8);
    const ttl = view.getInt32(end + 4);
    at = end + 10 + length;
    if (at > view.byteLength) throw new RangeError("the answer breaks off");
    if (view.getUint16(end + 2) !== internetClass) continue;
    // A time to live with its highest bit set counts as 0 (RFC 2181, section 8).
    records.push({
      name,
      type: view.getUint16(end),
      ttlSeconds: Math.max(0, ttl),
      view,
      at: end + 10,
      length,
    });
  }
  return records;
}

/** Goes from the asked name by its aliases to the records; what else the answer holds is not believed. */
function follow(all: readonly RawRecord[], { name, type }: Question): Pick<Answer, keyof typeof nothing> {
  const byName = Map.groupBy(all, (record) => record.name.toLowerCase());
  let [at, ttlSeconds] = [withoutDot(name).toLowerCase(), Infinity];
  for (let aliases = 0; aliases < mostAliases; aliases++) {
    const here = byName.get(at) ?? [];
    const found = here.filter((record) => record.type === recordTypes[type]);
    const alias = here.find((record) => record.type === aliasType);
    for (const record of alias ? [alias] : found) ttlSeconds = Math.min(ttlSeconds, record.ttlSeconds);
    if (found.length > 0)
      return { records: found.map((record) => readRecord(record, type)), alias: undefined, ttlSeconds };
    if (!alias) return { records: [], alias: aliases === 0 ? undefined : at, ttlSeconds };
    at = readName(alias.view, alias.at).name.toLowerCase();
  }
  throw new RangeError("its aliases lead in a circle");
}

function readRecord(record: RawRecord, type: RecordType): DnsRecord {
  const { view, at, length, ttlSeconds } = record;
  if (type === "SRV") return readService(record);
  if (length !== (type === "A" ? 4 : 16)) throw new RangeError("an address in the answer has a wrong length");
  const words = Array.from({ length: length / 4 }, (_, index) => view.getUint32(at + 4 * index));
  const address = type === "A" ? describeIpv4(words[0] ?? 0) : describeIpv6(words);
  return { type, address, ttlSeconds };
}

function readService({ view, at, length, ttlSeconds }: RawRecord): ServiceRecord {
  if (length < 7) throw new RangeError("a service in the answer has a wrong length");
  return {
    type: "SRV",
    priority: view.getUint16(at),
    weight: view.getUint16(at + 2),
    port: view.getUint16(at + 4),
    target: readName(view, at + 6).name,
    ttlSeconds,
  };
}

/** Reads a name and says where it ends. A pointer leads back, and a name ends after 255 bytes: none can lead in a circle for long. */
function readName(view: DataView, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let [at, end, bytes] = [start, -1, 0];
  for (let length = view.getUint8(at); length !== 0; length = view.getUint8(at)) {
    if (length >= 0xc0) {
      const target = view.getUint16(at) & 0x3fff;
      if (end < 0) end = at + 2;
      if (target >= at) throw new RangeError("a name in the answer points ahead");
      at = target;
      continue;
    }
    bytes += length + 1;
    if (length > 63 || bytes > 254) throw new RangeError("a name in the answer is too long");
    labels.push(readLabel(view, at + 1, length));
    at += length + 1;
  }
  return { name: labels.join("."), end: end < 0 ? at + 1 : end };
}

/** A dot within a label would make another name of it. */
function readLabel(view: DataView, at: number, length: number): string {
  if (at + length > view.byteLength) throw new RangeError("the answer breaks off");
  const label = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, length));
  return label.replaceAll(
    /[^\w-]/g,
    (character) => `\\${character.charCodeAt(0).toString().padStart(3, "0")}`,
  );
}

function isSameName(a: string, b: string): boolean {
  return withoutDot(a).toLowerCase() === withoutDot(b).toLowerCase();
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
