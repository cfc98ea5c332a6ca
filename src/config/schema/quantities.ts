import * as v from "valibot";
import { byteRateUnit, durationUnit, rateUnit, shareUnit, sizeUnit } from "../units.ts";
import { parsed } from "./forms.ts";

/** The longest time that a timer of either runtime can wait. */
const longestMs = 2 ** 31 - 1;

/** A duration in ms that a timer can wait for; 0 allowed. */
export const duration = v.pipe(parsed(durationUnit), v.maxValue(longestMs, "a duration of at most 596h"));

/** A duration in ms that is more than nothing. */
export const positiveDuration = v.pipe(
  parsed(durationUnit),
  v.minValue(1, "a duration of at least 1ms"),
  v.maxValue(longestMs, "a duration of at most 596h"),
);

/** A duration in ms that no timer waits for, such as a cookie's age. */
export const anyDuration = v.pipe(parsed(durationUnit), v.minValue(1, "a duration of at least 1ms"));

/** A size in bytes. */
export const size = parsed(sizeUnit);

/** `{ count, perMs }`. */
export const rate = parsed(rateUnit);

/** Bytes per second. */
export const byteRate = parsed(byteRateUnit);

/** A ratio from 0 to 1. */
export const share = parsed(shareUnit);
