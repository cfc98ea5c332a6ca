/** One condition of a status, before it is known when it last changed. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False";
  /** In CamelCase, as the Gateway API lists it. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** A condition that holds. */
export function met(type: string, message: string, reason = type): Condition {
  return { type, status: "True", reason, message };
}

/** A condition that does not hold. */
export function unmet(type: string, reason: string, message: string): Condition {
  return { type, status: "False", reason, message };
}

/** Whether the condition of this type is among them and holds. */
export function isMet(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === "True");
}
