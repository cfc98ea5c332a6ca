import { didYouMean } from "../../config/did-you-mean.ts";
import { policies, type PolicyName } from "../../data/balance/policies.ts";
import { UsageError } from "../command.ts";

const known = Object.keys(policies) as PolicyName[];

/** The policies that are named, one at a time or with commas between; all of them where none is. */
export function parsePolicies(texts: readonly string[]): readonly PolicyName[] {
  const names = new Set(texts.flatMap((text) => text.split(",")).map(parsePolicy));
  return names.size === 0 ? known : [...names];
}

function parsePolicy(text: string): PolicyName {
  const found = known.find((name) => name === text.trim());
  if (found !== undefined) return found;
  const near = didYouMean(text, known);
  const hint = near === undefined ? `: there are ${known.join(", ")}` : `, did you mean "${near}"?`;
  throw new UsageError(`There is no policy "${text}"${hint}`);
}
