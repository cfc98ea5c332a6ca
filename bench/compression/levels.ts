import process from "node:process";
import { createEncoder } from "../../src/data/transform/encoders.ts";
import type { Encoding, Level } from "../../src/data/transform/encoders.ts";
import { host } from "../../src/runtime/current.ts";
import { median } from "../statistics.ts";
import { sampleJson } from "./sample.ts";

const encodings: readonly Encoding[] = ["zstd", "br", "gzip"];
const levels: readonly Level[] = ["fast", "balanced", "best"];
const SIZES = [10_000, 1_000_000];
const ROUNDS = 5;
/** Longer bodies stream, and go through zlib on every runtime. */
const SHORT_BYTES = 65_536;

/** What each coding and level costs and saves, on one thread. */
export function measureLevels(): string {
  const lines = SIZES.flatMap((bytes) =>
    encodings.flatMap((encoding) => levels.map((level) => describeLevel(encoding, level, bytes))),
  );
  return `| body | coding | level | MB/s | size |\n| ---: | --- | --- | ---: | ---: |\n${lines.join("\n")}\n`;
}

function describeLevel(encoding: Encoding, level: Level, bytes: number): string {
  const body = new TextEncoder().encode(sampleJson(bytes));
  const encoder = createEncoder(encoding, level, bytes <= SHORT_BYTES ? host.gzip : undefined);
  const size = encoder.whole(body).byteLength / bytes;
  const speeds = Array.from({ length: ROUNDS }, () => megabytesPerSecond(() => encoder.whole(body), bytes));
  return `| ${bytes / 1000} KB | ${encoding} | ${level} | ${median(speeds).toFixed(1)} | ${(size * 100).toFixed(1)} % |`;
}

function megabytesPerSecond(encode: () => unknown, bytes: number): number {
  let runs = 0;
  const before = process.cpuUsage();
  let microseconds = 0;
  while (microseconds < 60_000) {
    encode();
    runs++;
    const { user, system } = process.cpuUsage(before);
    microseconds = user + system;
  }
  return (runs * bytes) / microseconds;
}
