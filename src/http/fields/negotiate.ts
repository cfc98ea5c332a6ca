import { memoise } from "../memoise.ts";

/**
 * Gives the offered media type that a client likes best, or undefined where it accepts none.
 *
 * The most specific range decides about a type (RFC 9110, 12.5.1). Equal weights: a type that the client names beats one
 * that a wildcard covers, then the client's order counts, then ours. No `Accept` is the same as one of all types.
 */
export function preferredType(accept: string | null, offered: readonly string[]): string | undefined {
  const ranges = parseWeights(accept ?? "*/*");
  return best(offered.map((type) => ({ value: type, ...mediaWeight(ranges, type) })));
}

/**
 * Gives the offered content coding that a client likes best, or `identity`: also where a client excludes everything, since
 * an answer that it must decode is worse than one that it did not want.
 *
 * Equal weights: our order. Without the field, nothing is known about the client, so nothing is encoded.
 *
 * Source: RFC 9110, 12.5.3.
 */
export function preferredEncoding(acceptEncoding: string | null, offered: readonly string[]): string {
  const codings = parseWeights(acceptEncoding ?? "");
  const identity = codings.find(({ name }) => name === "identity")?.weight ?? 0;
  const candidates = offered.map((coding) => ({
    value: coding,
    weight: codingWeight(codings, coding),
    rank: 0,
  }));
  return best(candidates.filter(({ weight }) => weight >= identity)) ?? "identity";
}

/** Whether a client says that it takes a content coding: without the field nothing is known, which is not a yes. */
export function acceptsEncoding(acceptEncoding: string | null, coding: string): boolean {
  return codingWeight(parseWeights(acceptEncoding ?? ""), coding.replace(/^x-/, "")) > 0;
}

/** One member of an Accept-like field, in lower case; `weight` is 0..1. */
export type Weighted = { readonly name: string; readonly weight: number };

/** Reads the members and weights of an Accept-like field; a member that breaks the grammar is passed over. */
export const parseWeights = memoise(256, (field): readonly Weighted[] =>
  field.toLowerCase().split(",").flatMap(parseMember),
);

type Choice = { readonly value: string; readonly weight: number; readonly rank: number };

const memberName = /^[\w!#$%&'*+.^`|~/-]+$/;
const weightParameter = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

function parseMember(text: string): Weighted[] {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim());
  if (!memberName.test(name)) return [];
  const q = parameters.find((parameter) => parameter.startsWith("q="));
  if (q === undefined) return [{ name, weight: 1 }];
  const match = weightParameter.exec(q);
  return match === null ? [] : [{ name, weight: Number(match[1]) }];
}

/** The first of the heaviest; among these, of the lowest rank. */
function best(choices: readonly Choice[]): string | undefined {
  let chosen: Choice = { value: "", weight: 0, rank: 0 };
  for (const choice of choices) {
    if (choice.weight > chosen.weight || (choice.weight === chosen.weight && choice.rank < chosen.rank)) {
      chosen = choice;
    }
  }
  return chosen.weight > 0 ? chosen.value : undefined;
}

/** The weight of a type by its most specific range; the rank counts explicit names first, in the client's order. */
function mediaWeight(ranges: readonly Weighted[], type: string): { weight: number; rank: number } {
  const patterns = [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"];
  for (const [specificity, pattern] of patterns.entries()) {
    const at = ranges.findIndex(({ name }) => name === pattern);
    const found = ranges[at];
    if (found) return { weight: found.weight, rank: specificity * ranges.length + at };
  }
  return { weight: 0, rank: 0 };
}

function codingWeight(codings: readonly Weighted[], coding: string): number {
  const named = codings.find(({ name }) => name === coding || name === `x-${coding}`);
  return (named ?? codings.find(({ name }) => name === "*"))?.weight ?? 0;
}
