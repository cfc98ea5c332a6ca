/**
 * What regular expressions in linear time cost beside the runtime's own: `bun run bench/regex.ts`, and the same on Deno.
 */
import process from "node:process";
import { compileLinear } from "../src/config/linear-regex.ts";

const line = "the quick brown fox 12-34-5678 jumps over http://internal.local/path?x=1 the lazy <b>dog</b>\n";
const text = line.repeat(Math.ceil(1_000_000 / line.length));
const sources = [
  "internal\\.local",
  "https?://[a-z.]+/",
  "\\d{2}-\\d{2}-\\d{4}",
  "\\b\\w+\\b",
  "<[^>]+>",
  "union\\s+select",
];

for (const source of sources) {
  const regex = compileLinear(source, "g");
  const linearMs = time(() => {
    const search = regex.search(text);
    for (let match = search(0); match;) match = search(match.end);
  });
  const native = new RegExp(source, "g");
  const nativeMs = time(() => void Array.from(text.matchAll(native)).length);
  const cells = [source.padEnd(22), show(linearMs), "linear", show(nativeMs), "native"];
  process.stdout.write(`${cells.join("  ")}\n`);
}

function time(run: () => void): number {
  run();
  const startedMs = performance.now();
  run();
  return performance.now() - startedMs;
}

function show(ms: number): string {
  return `${ms.toFixed(1).padStart(6)} ms/MB`;
}
