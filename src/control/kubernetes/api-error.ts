/** What an API server refuses, or what keeps it from being asked. */
export class KubernetesError extends Error {
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** The API's own word, such as `Conflict`; "" where it said none. */
  readonly reason: string;
  /** How long it wants to be left alone, ms. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { status = 0, reason = "", retryAfterMs }: KubernetesRefusal = {}) {
    super(message);
    this.name = "KubernetesError";
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How a refusal was put. */
export interface KubernetesRefusal {
  readonly status?: number;
  readonly reason?: string;
  readonly retryAfterMs?: number | undefined;
}

/** Whether what was asked for is too long ago: list anew. */
export function isGone(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 410;
}

/** Whether somebody else has changed the object in between, or created it first. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 409;
}

/** Whether there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 404;
}

/** What an answer that is no success says: a `Status` of the API, or whatever else it holds. */
export function toKubernetesError(what: string, answer: RefusedAnswer): KubernetesError {
  const { status, retryAfter, text } = answer;
  const said = parseStatus(text);
  const seconds = Number(retryAfter ?? said.details?.retryAfterSeconds ?? Number.NaN);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 60) * 1000 : undefined;
  const words = typeof said.message === "string" ? said.message : `it answers ${status}`;
  const reason = typeof said.reason === "string" ? said.reason : "";
  return new KubernetesError(`Cannot ${what}: ${words}${remedyFor(status)}`, {
    status,
    reason,
    retryAfterMs,
  });
}

/** An answer that is no success. */
export interface RefusedAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

interface StatusObject {
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown };
}

function parseStatus(text: string): StatusObject {
  try {
    return (JSON.parse(text) ?? {}) as StatusObject;
  } catch {
    return {};
  }
}

function remedyFor(status: number): string {
  if (status === 401) return "; the API server does not accept our token or certificate";
  return status === 403 ? "; grant it by a Role to whom we run as" : "";
}
