import type { PolicyFactory } from "./policy.ts";
import { relativePressure } from "./pressure.ts";
import { drawOne, drawOther } from "./two-draws.ts";

/**
 * Draws two different candidates by weight and takes the less busy: nearly as even as comparing all of them, in constant
 * time, and without the herd that follows one global minimum.
 *
 * Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
 */
export const powerOfTwo: PolicyFactory =
  ({ random }) =>
  (candidates) => {
    const first = drawOne(candidates, random());
    const second = drawOther(candidates, first, random());
    return relativePressure(candidates, second, first) < 1 ? second : first;
  };
