/** Between a number and its unit, so that they are not parted. */
const space = "\u00a0";

/** What stands for a number that there is not. */
export const none = "–";

/**
 * A number of at least 0, with two or three digits that count.
 *
 * @param {number} value
 * @returns {string}
 */
export function formatNumber(value) {
  if (value >= 1_000_000) return `${formatNumber(value / 1_000_000)}${space}M`;
  if (value >= 10_000) return `${formatNumber(value / 1000)}${space}k`;
  if (value >= 10) return String(Math.round(value));
  return String(Number(value.toFixed(value < 1 ? 2 : 1)));
}

/**
 * A time of milliseconds or seconds.
 *
 * @param {number | null | undefined} ms
 * @returns {string}
 */
export function formatMs(ms) {
  if (ms === null || ms === undefined) return none;
  if (ms === 0) return `0${space}ms`;
  if (ms >= 999.5) return `${(ms / 1000).toPrecision(3)}${space}s`;
  return `${ms >= 9.95 ? Math.round(ms) : ms.toPrecision(2)}${space}ms`;
}

/**
 * A share from 0 to 1 as a percentage.
 *
 * @param {number} ratio
 * @returns {string}
 */
export function formatShare(ratio) {
  const percent = ratio * 100;
  if (percent === 0) return `0${space}%`;
  if (percent < 0.1) return `<${space}0.1${space}%`;
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}${space}%`;
}

/**
 * A size in the units of 1024.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${formatNumber(bytes / 1024 ** step)}${space}${units[step]}`;
}

/**
 * How long something takes or took, in its greatest unit.
 *
 * @param {number} ms
 * @returns {string}
 */
export function formatDuration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}${space}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${space}min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}${space}h`;
  return `${Math.floor(seconds / 86_400)}${space}days`;
}

/**
 * An instant as people here write it.
 *
 * @param {number} at ms since 1970
 * @returns {string}
 */
export function formatInstant(at) {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? date.toLocaleTimeString() : date.toLocaleString();
}
