import type { NamedServer } from "./fleet.ts";
import { type Box, svgLine, svgRect } from "./svg.ts";

/** What one server got. */
export interface Bar {
  /** 1 = its fair share by weight. */
  readonly share: number;
  readonly isFlawed: boolean;
}

/** More servers than this are shown by every so many of them, busiest first. */
const mostBars = 48;

/** What each server got, over what its weight makes fair. */
export function barsOf(attempts: readonly number[], servers: readonly NamedServer[]): Bar[] {
  const weights = servers.map(({ model }) => model.weight ?? 1);
  const perWeight = sum(attempts) / sum(weights);
  const bars = servers.map(({ flaw }, at) => ({
    share: (attempts[at] ?? 0) / (perWeight * (weights[at] || Number.POSITIVE_INFINITY)) || 0,
    isFlawed: flaw !== undefined,
  }));
  if (bars.length <= mostBars) return bars;
  const sorted = bars.toSorted((a, b) => b.share - a.share);
  return Array.from(
    { length: mostBars },
    (_, at) => sorted[Math.floor((at * sorted.length) / mostBars)] as Bar,
  );
}

/** What the tallest bar stands for, at least somewhat more than the fair share. */
export function greatestBar(rows: readonly (readonly Bar[])[]): number {
  return Math.max(1.25, ...rows.flat().map(({ share }) => share));
}

/** Draws bars next to each other, with a line at the fair share. */
export function drawBars(bars: readonly Bar[], most: number, { x, y, width, height }: Box): string[] {
  const step = Math.min(24, width / bars.length);
  const base = y + height;
  const fair = base - height / most;
  const drawn = bars.map(({ share, isFlawed }, at) => {
    const tall = (share / most) * height;
    const box = { x: x + at * step, y: base - tall, width: Math.max(1, step * 0.78), height: tall };
    return svgRect(box, isFlawed ? "flawed" : "bar");
  });
  const right = x + bars.length * step;
  return [svgLine([x, base], [right, base], "base"), ...drawn, svgLine([x - 4, fair], [right, fair], "fair")];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
