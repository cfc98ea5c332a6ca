import type { Condition } from "./condition.ts";
import { controllerName } from "../translate.ts";
import type { WantedStatus } from "./statuses.ts";

/** A condition as it stands in an object. */
interface WrittenCondition extends Condition {
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

/** What an object says of itself now, as far as anybody knows what it is. */
type Written = Readonly<Record<string, unknown>>;

/**
 * The next status of an object: what it says now, with our part of it as it should be. Conditions that stay as they are keep
 * the time when they became so; what others wrote stays.
 */
export function mergeStatus(current: unknown, wanted: WantedStatus, now: string): object {
  const written = toWritten(current);
  const merge = (conditions: readonly Condition[], before: unknown): WrittenCondition[] =>
    mergeConditions(conditions, before, { generation: wanted.object.metadata.generation, now });
  if (wanted.kind === "HTTPRoute")
    return { ...written, parents: mergeParents(wanted.status.parents, written, merge) };
  const conditions = merge(wanted.status.conditions, written["conditions"]);
  if (wanted.kind === "GatewayClass") return { ...written, ...wanted.status, conditions };
  const known = toList(written["listeners"]);
  const listeners = wanted.status.listeners.map((listener) => {
    const before = known.find(({ name }) => name === listener.name);
    return { ...listener, conditions: merge(listener.conditions, before?.["conditions"]) };
  });
  return { ...written, addresses: wanted.status.addresses, conditions, listeners };
}

type Merge = (conditions: readonly Condition[], before: unknown) => WrittenCondition[];
type Parents = Extract<WantedStatus, { readonly kind: "HTTPRoute" }>["status"]["parents"];

/** Every controller has entries of its own in this list. */
function mergeParents(parents: Parents, written: Written, merge: Merge): object[] {
  const known = toList(written["parents"]);
  const ours = parents.map((parent) => {
    const before = known.find(
      (one) => one["controllerName"] === controllerName && isSameRef(one["parentRef"], parent.parentRef),
    );
    return { ...parent, conditions: merge(parent.conditions, before?.["conditions"]) };
  });
  return [...known.filter((one) => one["controllerName"] !== controllerName), ...ours];
}

const refKeys = ["group", "kind", "namespace", "name", "sectionName", "port"] as const;

function isSameRef(one: unknown, other: unknown): boolean {
  const [a, b] = [toWritten(one), toWritten(other)];
  return refKeys.every((key) => a[key] === b[key]);
}

interface At {
  readonly generation: number;
  readonly now: string;
}

function mergeConditions(conditions: readonly Condition[], before: unknown, { generation, now }: At) {
  const known = toList(before);
  return conditions.map((condition): WrittenCondition => {
    const old = known.find(({ type }) => type === condition.type);
    const since = old?.["status"] === condition.status ? old["lastTransitionTime"] : undefined;
    return {
      ...condition,
      message: condition.message.slice(0, longestMessage),
      observedGeneration: generation,
      lastTransitionTime: typeof since === "string" ? since : now,
    };
  });
}

/** The API takes no longer messages. */
const longestMessage = 32_768;

function toWritten(value: unknown): Written {
  return typeof value === "object" && value !== null ? (value as Written) : {};
}

function toList(value: unknown): Written[] {
  return Array.isArray(value) ? value.map(toWritten) : [];
}
