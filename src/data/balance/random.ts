import type { PolicyFactory } from "./policy.ts";

/** Draws by weight. */
export const random: PolicyFactory =
  ({ random }) =>
  (candidates) =>
    candidates.at(random() * candidates.totalWeight);
