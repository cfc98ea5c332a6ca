import * as v from "valibot";
import type { Config } from "./config.ts";
import { isAncestor, modernise } from "./ancestor.ts";
import { crossChecks, type Purpose } from "./cross-checks.ts";
import { explainIssue } from "./explain-issue.ts";
import { type Finding, formatPath } from "./problem.ts";
import { configSchema } from "./schema.ts";

/** A valid configuration, or everything that is wrong with the value. */
export type Validated = { readonly config: Config } | { readonly findings: readonly Finding[] };

/** Checks a value against the schema, and its parts against each other; a value of the old form is converted first. */
export function validate(value: unknown, purpose: Purpose): Validated {
  if (!isAncestor(value)) return validateToday(value, purpose);
  const modern = modernise(value);
  return "findings" in modern ? modern : validateToday(modern.value, purpose);
}

function validateToday(value: unknown, purpose: Purpose): Validated {
  const result = v.safeParse(configSchema, value);
  const findings = [...(result.issues ?? []).flatMap(explainIssue), ...crossChecks(value, purpose)];
  return result.success && findings.length === 0
    ? { config: result.output }
    : { findings: withoutRepeats(findings) };
}

function withoutRepeats(findings: Finding[]): Finding[] {
  return [
    ...new Map(findings.toReversed().map((finding) => [formatPath(finding.path), finding])).values(),
  ].toReversed();
}
