import type { Answer } from "./answer.ts";
import type { BodyFilter, BodyStep } from "./body-step.ts";
import { isReadable } from "./decoding.ts";
import { describeFilterError } from "./filter-error.ts";
import type { ResponseFilter } from "./response-filter.ts";
import { StageFault } from "./stage-fault.ts";

/** Lets every filter, in order, change an answer's fields and say what it wants to do to its body. */
export function openFilters(filters: readonly ResponseFilter[], answer: Answer): Parts | Promise<Parts> {
  return openFrom(0, [], { filters, answer });
}

type Parts = readonly (BodyFilter | BodyStep)[];

interface Opening {
  readonly filters: readonly ResponseFilter[];
  readonly answer: Answer;
}

/** Opens the filters from one on; nothing is waited for but those that wait. */
function openFrom(first: number, parts: (BodyFilter | BodyStep)[], opening: Opening): Parts | Promise<Parts> {
  const { filters, answer } = opening;
  for (let at = first; at < filters.length; at++) {
    const filter = filters[at] as ResponseFilter;
    const waiting = openHead(filter, answer);
    if (waiting instanceof Promise) return openLate(waiting, at, { parts, opening });
    openBody(filter, answer, parts);
  }
  return parts;
}

/** Apart from the loop: with a closure in it each turn would cost one. */
async function openLate(
  waiting: Promise<unknown>,
  at: number,
  { parts, opening }: { readonly parts: (BodyFilter | BodyStep)[]; readonly opening: Opening },
): Promise<Parts> {
  const filter = opening.filters[at] as ResponseFilter;
  try {
    await waiting;
  } catch (error) {
    throw fault(filter.name, error);
  }
  openBody(filter, opening.answer, parts);
  return openFrom(at + 1, parts, opening);
}

function openHead(filter: ResponseFilter, answer: Answer): unknown {
  try {
    return filter.head?.(answer);
  } catch (error) {
    throw fault(filter.name, error);
  }
}

function openBody(filter: ResponseFilter, answer: Answer, parts: (BodyFilter | BodyStep)[]): void {
  if (!filter.body || !isReadable(answer)) return;
  const part = attempt(() => filter.body?.(answer), filter.name);
  if (part) parts.push(withName(part, filter.name));
}

/** What a filter throws later on must say whose it is, too. */
function withName(part: BodyFilter | BodyStep, name: string): BodyFilter | BodyStep {
  if (!("write" in part)) return part;
  return {
    write: (chunk) => attempt(() => part.write(chunk), name),
    end: () => attempt(() => part.end(), name),
  };
}

function attempt<Result>(run: () => Result, name: string): Result {
  try {
    return run();
  } catch (error) {
    throw fault(name, error);
  }
}

function fault(name: string, error: unknown): StageFault {
  if (error instanceof StageFault) return error;
  return new StageFault("proxy_internal_error", describeFilterError(name, error), error);
}
