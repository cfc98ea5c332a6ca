import type { Exchange } from "../exchange/exchange.ts";

/** Writes one exchange as one line, without its line break. */
export type AccessLine = (exchange: Exchange, endedMs: number) => string;

/** The forms that a line can have. */
export const accessLines: Readonly<Record<"json" | "combined", AccessLine>> = { json, combined };

/**
 * Every fact of an exchange; times in ms, sizes in bytes. What is absent is left out.
 *
 * Put together by hand: that costs a third of `JSON.stringify` on an object made for it.
 */
function json(exchange: Exchange, endedMs: number): string {
  const { request, refusal, client, peer } = exchange;
  return `{"time":"${isoTime(exchange.startedAt)}","id":"${exchange.requestId}"${traceOf(exchange)},"listener":${jsonText(exchange.listener)},"client":${jsonText(client)}${
    peer === client ? "" : member("peer", peer)
  },"method":"${exchange.method}","scheme":"${exchange.scheme}","host":${jsonText(exchange.host)},"path":${jsonText(exchange.path)}${member("query", exchange.query)},"status":${
    exchange.status
  }${member("route", exchange.route)}${member("upstream", exchange.upstream)}${attemptsOf(exchange)}${
    refusal ? member("error", refusal.type) + member("detail", refusal.detail ?? "") : ""
  }${member("broken", exchange.broken)},"bytesIn":${exchange.bytesIn},"bytesOut":${
    exchange.bytesOut
  },"headersMs":${roundMs(exchange.headersMs)},"durationMs":${roundMs(endedMs - exchange.startedMs)}${member(
    "userAgent",
    request.headers.get("user-agent"),
  )}${member("referer", request.headers.get("referer"))}}`;
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

function traceOf({ trace }: Exchange): string {
  return trace ? `,"traceId":"${trace.traceId}"` : "";
}

/** A member that is left out where it is empty. */
function member(name: string, text: string | null): string {
  return text === null || text === "" ? "" : `,"${name}":${jsonText(text)}`;
}

const NEEDS_ESCAPE = /["\\\p{Cc}\p{Cs}\u2028\u2029]/u;

function jsonText(text: string): string {
  return NEEDS_ESCAPE.test(text)
    ? JSON.stringify(text).replaceAll(UPPER_CONTROL, escapeControl)
    : `"${text}"`;
}

/** JSON leaves these as they are, but a terminal may act on them. */
const UPPER_CONTROL = /[\x7f-\x9f]/g;

function escapeControl(sign: string): string {
  return `\\u00${sign.charCodeAt(0).toString(16)}`;
}

function attemptsOf({ attempts }: Exchange): string {
  if (attempts.length === 0) return "";
  let list = "";
  for (const { server, outcome, ms } of attempts) {
    const what = typeof outcome === "number" ? outcome : `"${outcome}"`;
    list += `${list === "" ? "" : ","}{"server":${jsonText(server)},"outcome":${what},"ms":${roundMs(ms)}}`;
  }
  return `,"attempts":[${list}]`;
}

let secondAt = Number.NaN;
let secondText = "";

/** `2026-11-22T08:41:07.123Z`: all but the milliseconds is worked out once a second. */
function isoTime(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== secondAt) {
    secondAt = second;
    secondText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  const ms = atMs - second * 1000;
  return `${secondText}${ms < 10 ? "00" : ms < 100 ? "0" : ""}${ms}Z`;
}

/** With three places after the point at most: out of whole numbers, whose digits cost a third of a fraction's. */
function roundMs(ms: number): string {
  const us = Math.round(ms * 1000);
  const whole = Math.floor(us / 1000);
  return `${whole}${THOUSANDTHS[us - whole * 1000]}`;
}

/** `.001` to `.999` without zeros at the end, and nothing for 0. */
const THOUSANDTHS: readonly string[] = Array.from({ length: 1000 }, (_, count) =>
  count === 0 ? "" : `.${String(count).padStart(3, "0").replace(/0+$/, "")}`,
);

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
