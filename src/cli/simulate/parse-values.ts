import { durationUnit, rateUnit } from "../../config/units.ts";
import { type Arguments, UsageError } from "../command.ts";

/** From where to where a number may go. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The whole number of an option; undefined where it was not given. */
export function parseCount(args: Arguments, option: string, { min, max }: Range): number | undefined {
  return parseOption(args, option, {
    allowed: `a whole number from ${min} to ${max}`,
    parse: (text) =>
      /^\d{1,15}$/.test(text) && isWithin(Number(text), { min, max }) ? Number(text) : undefined,
  });
}

/** The ratio of an option, written as 70% or 0.7; undefined where it was not given. */
export function parseRatio(args: Arguments, option: string, { min, max }: Range): number | undefined {
  return parseOption(args, option, {
    allowed: `a share from ${min * 100}% to ${max * 100}%, such as 70% or 0.7`,
    parse(text) {
      const [, digits = "", percent = ""] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
      const ratio = Number(digits) / (percent === "" ? 1 : 100);
      return digits !== "" && isWithin(ratio, { min, max }) ? ratio : undefined;
    },
  });
}

/** The rate of an option, in requests per second; undefined where it was not given. */
export function parseRate(args: Arguments, option: string): number | undefined {
  return parseOption(args, option, {
    allowed: rateUnit.allowed,
    parse(text) {
      const rate = rateUnit.parse(text);
      return rate && (rate.count / rate.perMs) * 1000;
    },
  });
}

/** The duration of an option, ms; undefined where it was not given. */
export function parseDuration(args: Arguments, option: string): number | undefined {
  return parseOption(args, option, durationUnit);
}

/** Whether an option is on or off; undefined where it was not given. */
export function parseSwitch(args: Arguments, option: string): boolean | undefined {
  return parseOption(args, option, {
    allowed: "on or off",
    parse: (text) => (text === "on" ? true : text === "off" ? false : undefined),
  });
}

/** What an option's text may be, and what it says; undefined where it says nothing. */
export interface ValueForm<T> {
  readonly allowed: string;
  readonly parse: (text: string) => T | undefined;
}

/** The value of an option. Throws a `UsageError` that says what is allowed. */
export function parseOption<T>(args: Arguments, option: string, form: ValueForm<T>): T | undefined {
  const text = args.text(option);
  if (text === undefined) return undefined;
  const value = form.parse(text);
  if (value === undefined) throw new UsageError(`--${option} cannot be "${text}": give ${form.allowed}`);
  return value;
}

function isWithin(value: number, { min, max }: Range): boolean {
  return value >= min && value <= max;
}
