import { errorStyle } from "./error-style.ts";
import { escapeHtml } from "./escape-html.ts";
import type { FailureType } from "../failures.ts";
import { htmlPage, showAddress } from "./html-page.ts";

/** What the built-in error page shows. Any text may come from a client: the page escapes it. */
export type ErrorFacts = {
  readonly status: number;
  /** Undefined where the error is the server's own answer. */
  readonly type?: FailureType | undefined;
  readonly reason: string;
  readonly title: string;
  readonly advice: string;
  readonly detail?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly requestId: string;
  readonly host: string;
  readonly path: string;
};

/** Writes the built-in error page: one document without script or outside resources, for light and dark, small and wide. */
export function errorPage(facts: ErrorFacts): string {
  const { status } = facts;
  const [title, reason] = [escapeHtml(facts.title), escapeHtml(facts.reason)];
  const body = `<main>
${journey(stopOf(facts))}
<p class="status">${status} ${reason}</p>
<h1>${title}</h1>
<p class="advice">${escapeHtml(facts.advice)}</p>
${wait(facts.retryAfterSeconds)}${again(status)}<dl>
${row("Address", showAddress(facts))}${row("Reason", facts.detail ?? "")}${row("Request id", facts.requestId)}</dl>
</main>`;
  return htmlPage({ title: `${status} · ${title}`, style: errorStyle, body });
}

/** Statuses after which the same request may succeed. */
const passing: ReadonlySet<number> = new Set([408, 421, 425, 429, 500, 502, 503, 504]);

function row(name: string, text: string): string {
  return text === "" ? "" : `<dt>${name}</dt><dd>${escapeHtml(text)}</dd>\n`;
}

function wait(seconds: number | undefined): string {
  if (seconds === undefined || seconds <= 0) return "";
  return `<p class="wait">Please wait ${describeSeconds(seconds)}.</p>\n`;
}

function describeSeconds(seconds: number): string {
  if (seconds < 120) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function again(status: number): string {
  return passing.has(status)
    ? `<a class="again" href="">Try again</a>\n`
    : `<a class="again" href="/">To the home page</a>\n`;
}

/** A picture of how far the request came: your request, this site's front door, and the server behind it. */
function journey(failedAt: number): string {
  const stops = ["You", "Front door", "Server"].map((name, i) => stop(name, i, failedAt)).join("");
  return `<svg viewBox="0 0 320 72" role="img" aria-label="${described[failedAt] ?? ""}">${leg(0, failedAt)}${leg(1, failedAt)}${stops}</svg>`;
}

const described = [
  "The request itself could not be used.",
  "The request was stopped at this site’s front door.",
  "The request came to this site, but got no proper answer from behind its front door.",
];

/** Refused for what it is: at the client. Refused by a rule, for we are full, or by our own fault: at the door. Else behind it. */
function stopOf({ status, type }: ErrorFacts): number {
  if (status >= 502 && status <= 504) return type === "connection_limit_reached" ? 1 : 2;
  return doorStatuses.has(status) ? 1 : 0;
}

const doorStatuses: ReadonlySet<number> = new Set([403, 404, 405, 421, 429, 451, 500, 501]);

function leg(index: number, failedAt: number): string {
  const x = 28 + index * 132;
  const state = index < failedAt ? ' class="passed"' : "";
  return `<line x1="${x + 26}" y1="24" x2="${x + 106}" y2="24"${state}/>`;
}

function stop(name: string, index: number, failedAt: number): string {
  const x = 28 + index * 132;
  return `<g class="${stateOf(index, failedAt)}"><circle cx="${x}" cy="24" r="18"/>${sign(x, index - failedAt)}<text x="${x}" y="64">${name}</text></g>`;
}

function stateOf(index: number, failedAt: number): string {
  if (index === failedAt) return "failed";
  return index < failedAt ? "passed" : "ahead";
}

/** A tick before the failure, a cross at it, a dash behind it: not by colour alone. */
function sign(x: number, distance: number): string {
  if (distance < 0) return `<path d="M${x - 7} 24.5l5 5 9-10"/>`;
  return distance === 0 ? `<path d="M${x - 6} 18l12 12m0-12l-12 12"/>` : `<path d="M${x - 5} 24h10"/>`;
}
