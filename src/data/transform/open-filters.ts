import type { Answer } from "./answer.ts";
import type { BodyFilter, BodyStep } from "./body-step.ts";
import { isReadable } from "./decoding.ts";
import { describeFilterError } from "./filter-error.ts";
import type { ResponseFilter } from "./response-filter.ts";
import { StageFault } from "./stage-fault.ts";

/** Lets every filter, in order, change an answer's fields and say what it wants to do to its body. */
export async function openFilters(
  filters: readonly ResponseFilter[],
  answer: Answer,
): Promise<readonly (BodyFilter | BodyStep)[]> {
  const parts: (BodyFilter | BodyStep)[] = [];
  for (const filter of filters) {
    try {
      await filter.head?.(answer);
      const part = isReadable(answer) ? filter.body?.(answer) : undefined;
      if (part) parts.push(withName(part, filter.name));
    } catch (error) {
      throw fault(filter.name, error);
    }
  }
  return parts;
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
