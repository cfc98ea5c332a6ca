import type { LimitsConfig } from "../../config/config.ts";
import type { Check } from "./denial.ts";

/** Has the bodies of a route watched while they come; refuses nobody at the door. Undefined where any pace will do. */
export function checkUploadRate({ minUploadRate }: Pick<LimitsConfig, "minUploadRate">): Check | undefined {
  if (minUploadRate === 0) return undefined;
  return (exchange) => {
    exchange.minUploadBytesPerSecond = minUploadRate;
    return undefined;
  };
}
