/**
 * A part of a route that cannot be translated. Whoever reads the rule catches it, so that a rule becomes either exactly what
 * it says or none at all.
 */
export class Unsupported extends Error {
  /** The reason in the condition `Accepted`. */
  readonly reason: "UnsupportedValue" | "IncompatibleFilters";

  constructor(message: string, reason: Unsupported["reason"] = "UnsupportedValue") {
    super(message);
    this.reason = reason;
  }
}
