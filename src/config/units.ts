/** A quantity as people write it in the configuration, and as the program computes with it. */
export type Unit<T> = {
  /** What may be written, for error messages. */
  readonly allowed: string;
  /** A regular expression for the whole text, for editors; `parse` decides. */
  readonly pattern: string;
  /** The value of the text, or undefined when the text is none of these. */
  readonly parse: (text: string) => T | undefined;
  /** The shortest exact text of a value: `parse(format(x))` gives x. */
  readonly format: (value: T) => string;
};

/** So many per so much time. */
export type Rate = { readonly count: number; readonly perMs: number };

type Scale = Readonly<Record<string, number>>;

const durations: Scale = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const sizes: Scale = {
  B: 1,
  KB: 1000,
  KiB: 1024,
  MB: 1000 ** 2,
  MiB: 1024 ** 2,
  GB: 1000 ** 3,
  GiB: 1024 ** 3,
};
const periods: Scale = { s: 1000, m: 60_000, h: 3_600_000 };

/** Durations in whole milliseconds. */
export const durationUnit: Unit<number> = {
  allowed: "a duration such as 250ms, 5s, 2m or 1h",
  pattern: "^\\d+(\\.\\d+)?(ms|s|m|h)$",
  parse: (text) => parseScaled(text, durations),
  format: (ms) => formatScaled(ms, durations),
};

/** Sizes in bytes; KiB = 1024, KB = 1000. */
export const sizeUnit: Unit<number> = {
  allowed: "a size such as 512B, 64KiB or 10MiB (KB = 1000, KiB = 1024)",
  pattern: "^\\d+(\\.\\d+)?(B|KB|KiB|MB|MiB|GB|GiB)$",
  parse: (text) => parseScaled(text, sizes),
  format: (bytes) => formatScaled(bytes, sizes),
};

/** Rates of requests, at least one in the period. */
export const rateUnit: Unit<Rate> = {
  allowed: "a rate such as 100/s, 600/m or 5000/h",
  pattern: "^[1-9]\\d*/(s|m|h)$",
  parse: parseRate,
  format: ({ count, perMs }) => `${count}/${nameOf(perMs, periods)}`,
};

/** Rates of bytes, in bytes per second. */
export const byteRateUnit: Unit<number> = {
  allowed: "a rate of bytes such as 240B/s or 1KiB/s",
  pattern: "^\\d+(\\.\\d+)?(B|KB|KiB|MB|MiB|GB|GiB)/s$",
  parse: (text) => (text.endsWith("/s") ? sizeUnit.parse(text.slice(0, -2)) : undefined),
  format: (bytesPerSecond) => `${sizeUnit.format(bytesPerSecond)}/s`,
};

/** Shares as a ratio from 0 to 1. */
export const shareUnit: Unit<number> = {
  allowed: "a share from 0% to 100%, such as 20%",
  pattern: "^\\d+(\\.\\d+)?%$",
  parse: parseShare,
  format: (ratio) => `${Number((ratio * 100).toPrecision(15))}%`,
};

function parseScaled(text: string, scale: Scale): number | undefined {
  const [, digits = "", name = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(scale, name) ? scale[name] : undefined;
  if (factor === undefined) return undefined;
  const value = Number((Number(digits) * factor).toPrecision(15)); // 1.1s is 1100 ms, not 1100.0000000000002
  return Number.isSafeInteger(value) ? value : undefined;
}

function formatScaled(value: number, scale: Scale): string {
  const names = Object.keys(scale).toSorted((a, b) => (scale[b] ?? 1) - (scale[a] ?? 1));
  const fitting = names.find((name) => value !== 0 && value % (scale[name] ?? 1) === 0);
  const name = fitting ?? Object.keys(scale)[0] ?? "";
  return `${value / (scale[name] ?? 1)}${name}`;
}

function parseRate(text: string): Rate | undefined {
  const [, digits = "", name = ""] = /^(\d+)\/([smh])$/.exec(text) ?? [];
  const [count, perMs] = [Number(digits), periods[name]];
  return perMs !== undefined && count > 0 && Number.isSafeInteger(count) ? { count, perMs } : undefined;
}

function parseShare(text: string): number | undefined {
  const [, digits = ""] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const percent = digits === "" ? Number.NaN : Number(digits);
  return percent >= 0 && percent <= 100 ? Number((percent / 100).toPrecision(15)) : undefined;
}

function nameOf(factor: number, scale: Scale): string {
  return Object.keys(scale).find((name) => scale[name] === factor) ?? "s";
}
