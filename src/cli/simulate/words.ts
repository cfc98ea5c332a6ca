import type { Scenario } from "./scenario.ts";

/** A time with three digits and its unit. */
export function showMs(ms: number): string {
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

/** A round time, as short as it goes. */
export function showTick(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}

/** A ratio in per cent, exact where it is 0. */
export function showPercent(ratio: number): string {
  if (ratio === 0) return "0";
  return ratio < 0.0001 ? "<0.01%" : `${(ratio * 100).toFixed(2)}%`;
}

/** A whole number, with commas. */
export function showCount(count: number): string {
  return Math.round(count).toLocaleString("en");
}

/** What is simulated, in two or three lines. */
export function describeScenario(scenario: Scenario): string[] {
  const { servers, latency, requests, requestsPerSecond, utilisationRatio, arrivals, seed } = scenario;
  const share = utilisationRatio > 0 ? `, ${Math.round(utilisationRatio * 100)}% of what they can do` : "";
  const come = arrivals === "" ? "" : `, ${arrivals}`;
  return [
    `${plural(servers.length, "server")}, ${latency}; ${plural(requests, "request")} at ${showCount(requestsPerSecond)}/s${share}${come}; seed ${seed}`,
    describeResilience(scenario),
    ...describeFlaws(servers),
  ];
}

function describeResilience({ retries, passive, slowStartMs }: Scenario): string {
  const ejection = passive === undefined ? "nobody is ejected" : "servers that fail are ejected";
  const start = slowStartMs === 0 ? "no slow start" : `slow start over ${showMs(slowStartMs)}`;
  return `${describeRetries(retries)}; ${ejection}; ${start}`;
}

function describeRetries(retries: number): string {
  return retries === 0 ? "no retries" : `${plural(retries, "retry")} on the next best`;
}

/** One line for each kind of flaw. */
function describeFlaws(servers: Scenario["servers"]): string[] {
  const flaws = new Set(servers.flatMap(({ flaw }) => flaw ?? []));
  return [...flaws].map((flaw) => {
    const names = servers.filter((server) => server.flaw === flaw).map(({ name }) => name);
    const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : "";
    return `${names.slice(0, shownNames).join(", ")}${more}: ${flaw}`;
  });
}

const shownNames = 3;

function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${showCount(count)} ${noun.endsWith("y") ? `${noun.slice(0, -1)}ie` : noun}s`;
}

function digits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}
