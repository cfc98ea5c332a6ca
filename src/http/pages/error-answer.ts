import { CheckedFields } from "../fields/checked-fields.ts";
import type { OutgoingAnswer, OutgoingFields } from "../outgoing-answer.ts";
import { createHash } from "node:crypto";
import { challengePage, challengePolicy } from "./challenge-page.ts";
import { errorPage } from "./error-page.ts";
import type { ErrorFacts } from "./error-page.ts";
import { errorStyle } from "./error-style.ts";
import { fillErrorTemplate, messageOf } from "./error-template.ts";
import type { ErrorTemplate } from "./error-template.ts";
import type { Challenge, Refusal } from "../failures.ts";
import { memoise } from "../memoise.ts";
import { passedMethods } from "../methods.ts";
import { preferredType } from "../fields/negotiate.ts";
import { proxyStatus } from "../proxy-status.ts";
import { reasonPhrase } from "../reason-phrases.ts";
import { wordsOf, wordsOfStatus } from "../refusal-words.ts";
import { addVary } from "../representation.ts";

/** What an error's answer needs to know about the request. */
export type ErrorRequest = {
  /** The request's Accept field. */
  readonly accept: string | null;
  readonly requestId: string;
  readonly host: string;
  readonly path: string;
  /** Whether the answer goes without its body, though with its length. */
  readonly isHead: boolean;
  /** The site's own page for this status; undefined = the built-in one. */
  readonly template?: ErrorTemplate | undefined;
};

/** Answers a request that we refuse or fail: a page, a problem document or plain text, as the client prefers. */
export function errorAnswer(refusal: Refusal, request: ErrorRequest): OutgoingAnswer {
  const headers = errorHeaders(refusal, request.requestId);
  const facts = factsOf(refusal, request);
  const { challenge } = refusal;
  return challenge && wantsPage(request.accept)
    ? answerWith(challengeFormOf(challenge), facts, { headers, request })
    : answerInForm(facts, headers, request);
}

/** The field in which a browser sends the solution of its challenge. */
export const challengeField = "headgate-challenge";

/** Whether a client would get a page, rather than a document for programs. */
export function wantsPage(accept: string | null): boolean {
  return formOf(accept) === page;
}

/**
 * Answers in place of a server that answered with an error of its own: with its fields, as far as they speak of the error
 * and not of the page that it came with.
 */
export function replacedAnswer(
  status: number,
  fields: OutgoingFields,
  request: ErrorRequest,
): OutgoingAnswer {
  const headers = withoutBodyFields(fields);
  headers.set("cache-control", "no-store");
  addVary(headers, "Accept");
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-request-id", request.requestId);
  const { requestId, host, path } = request;
  const facts = { status, reason: reasonPhrase(status), ...wordsOfStatus(status), requestId, host, path };
  return answerInForm(facts, headers, request);
}

function answerInForm(facts: ErrorFacts, headers: CheckedFields, request: ErrorRequest): OutgoingAnswer {
  const { template } = request;
  const form = formOf(request.accept);
  return answerWith(form === page && template ? templateForm(template) : form, facts, { headers, request });
}

const encoder = new TextEncoder();

function answerWith(
  form: Form,
  facts: ErrorFacts,
  { headers, request }: { readonly headers: CheckedFields; readonly request: ErrorRequest },
): OutgoingAnswer {
  const body = encoder.encode(form.write(facts));
  headers.set("content-type", form.type);
  headers.set("content-length", String(body.byteLength));
  if (form.policy !== undefined) headers.set("content-security-policy", form.policy);
  return { status: facts.status, headers, body: request.isHead ? null : body };
}

/** What a server says of its page: its kind, its bytes, when it changed, and what it may load. */
function withoutBodyFields(fields: OutgoingFields): CheckedFields {
  const headers = new CheckedFields();
  for (const [name, value] of fields)
    if (!name.startsWith("content-") && !ofTheBody.has(name)) headers.take(name, value);
  return headers;
}

const ofTheBody: ReadonlySet<string> = new Set([
  "accept-ranges",
  "digest",
  "etag",
  "expires",
  "last-modified",
  "pragma",
  "repr-digest",
  "refresh",
]);

/** The fields of an error's answer, whoever writes its body. Nothing in them tells about our inside. */
export function errorHeaders(refusal: Refusal, requestId: string): CheckedFields {
  const headers = new CheckedFields();
  headers.take("cache-control", "no-store");
  headers.take("proxy-status", proxyStatus(refusal));
  headers.take("vary", "accept");
  headers.take("x-content-type-options", "nosniff");
  headers.take("x-request-id", requestId);
  if (refusal.retryAfterSeconds !== undefined)
    headers.take("retry-after", retryAfter(refusal.retryAfterSeconds));
  for (const name in refusal.headers)
    if (!headers.has(name)) headers.append(name, refusal.headers[name] as string);
  if (refusal.status === 405 && !headers.has("allow")) headers.take("allow", passedMethods.join(", "));
  return headers;
}

/** Everything that an error's body may show. */
export function factsOf(refusal: Refusal, { requestId, host, path }: ErrorRequest): ErrorFacts {
  const { status, type, detail, retryAfterSeconds } = refusal;
  const { title, advice } = wordsOf(refusal);
  return {
    status,
    type,
    reason: reasonPhrase(status),
    title,
    advice,
    detail,
    retryAfterSeconds,
    requestId,
    host,
    path,
  };
}

type Form = {
  readonly type: string;
  readonly write: (facts: ErrorFacts) => string;
  /** What a page of ours may load. */
  readonly policy?: string;
};

const styleHash = createHash("sha256").update(errorStyle).digest("base64");
const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const plainText: Form = { type: "text/plain; charset=utf-8", write: writeText };
const page: Form = { type: "text/html; charset=utf-8", write: errorPage, policy: pagePolicy };
const problem: Form = { type: "application/problem+json", write: writeProblem };

const forms: Readonly<Record<string, Form>> = {
  "text/plain": plainText,
  "text/html": page,
  "application/xhtml+xml": page,
  "application/problem+json": problem,
  "application/json": problem,
};
const offered = Object.keys(forms);

function formOf(accept: string | null): Form {
  return accept === null ? formOfAnybody : formFor(accept);
}

/** Whoever floods says the same again and again. */
const formFor = memoise(256, (accept): Form => forms[preferredType(accept, offered) ?? ""] ?? plainText);
const formOfAnybody: Form = forms[preferredType(null, offered) ?? ""] ?? plainText;

function templateForm(template: ErrorTemplate): Form {
  return { type: page.type, write: (facts) => fillErrorTemplate(template, facts) };
}

function challengeFormOf(challenge: Challenge): Form {
  return { type: page.type, write: (facts) => challengePage(facts, challenge), policy: challengePolicy };
}

function retryAfter(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds)));
}

function writeText({ status, reason, title, advice, detail, requestId }: ErrorFacts): string {
  return `${status} ${reason}\n\n${messageOf({ title, detail })}.\n${advice}\n\nRequest id: ${requestId}\n`;
}

/** A problem document (RFC 9457). The title is the status's own phrase, as `about:blank` asks. */
function writeProblem(facts: ErrorFacts): string {
  const { status, type, reason, title, detail, retryAfterSeconds, path, requestId } = facts;
  return JSON.stringify({
    type: "about:blank",
    title: reason,
    status,
    detail: messageOf({ title, detail }),
    instance: path,
    error: type,
    requestId,
    retryAfterSeconds,
  });
}
