import type { Exchange } from "../exchange/exchange.ts";

/** Writes one exchange as one line, without its line break. */
export type AccessLine = (exchange: Exchange, endedMs: number) => string;

/** The forms that a line can have. */
export const accessLines: Readonly<Record<"json" | "combined", AccessLine>> = { json, combined };

/** Every fact of an exchange; times in ms, sizes in bytes. What is absent is left out. */
function json(exchange: Exchange, endedMs: number): string {
  const { request, refusal, attempts } = exchange;
  return JSON.stringify({
    time: new Date(exchange.startedAt).toISOString(),
    id: exchange.requestId,
    listener: exchange.listener,
    client: exchange.client,
    peer: exchange.peer === exchange.client ? undefined : exchange.peer,
    method: exchange.method,
    scheme: exchange.scheme,
    host: exchange.host,
    path: exchange.path,
    query: orAbsent(exchange.query),
    status: exchange.status,
    route: orAbsent(exchange.route),
    upstream: orAbsent(exchange.upstream),
    attempts: attempts.length === 0 ? undefined : attempts.map(roundAttempt),
    error: refusal?.type,
    detail: refusal?.detail,
    broken: orAbsent(exchange.broken),
    bytesIn: exchange.bytesIn,
    bytesOut: exchange.bytesOut,
    headersMs: roundMs(exchange.headersMs),
    durationMs: roundMs(endedMs - exchange.startedMs),
    userAgent: orAbsent(request.headers.get("user-agent")),
    referer: orAbsent(request.headers.get("referer")),
  });
}

/** The "combined" form of Apache and nginx. */
function combined(exchange: Exchange): string {
  const { client, method, path, query, status, bytesOut, request } = exchange;
  const line = `${method} ${path}${query} HTTP/1.1`;
  const referer = quoted(request.headers.get("referer"));
  const userAgent = quoted(request.headers.get("user-agent"));
  const at = describeDate(new Date(exchange.startedAt));
  return `${client || "-"} - - [${at}] ${quoted(line)} ${status} ${bytesOut} ${referer} ${userAgent}`;
}

function orAbsent(text: string | null): string | undefined {
  return text === null || text === "" ? undefined : text;
}

function roundAttempt({ server, outcome, ms }: Exchange["attempts"][number]): object {
  return { server, outcome, ms: roundMs(ms) };
}

function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Nothing that a client sends may end its field, or the line. */
function quoted(text: string | null): string {
  if (text === null || text === "") return '"-"';
  return `"${text.replaceAll(/["\\\p{Cc}]/gu, escapeSign)}"`;
}

function escapeSign(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `22/Nov/2026:08:41:07 +0000` */
function describeDate(date: Date): string {
  const [day, time] = date.toISOString().split(/[T.]/) as [string, string];
  const [year, month, dayOfMonth] = day.split("-");
  return `${dayOfMonth}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}
