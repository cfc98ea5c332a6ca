/** Who asks, in a trace (W3C Trace Context, 3.2). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span, 16 hexadecimal digits. */
  readonly spanId: string;
  /** Whether the caller records what it does. */
  readonly isSampled: boolean;
}

/**
 * Reads a `traceparent` field; undefined where it is none, and then its `tracestate` means nothing either.
 *
 * Later versions may say more behind what the first one says, which is all that is read of them.
 */
export function parseTraceparent(text: string): TraceParent | undefined {
  const found = traceparent.exec(text)?.groups as Fields | undefined;
  if (!found || zeros.test(found.traceId) || zeros.test(found.spanId)) return undefined;
  const { traceId, spanId, flags } = found;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & sampled) !== 0 };
}

/** Writes a `traceparent` field of the first version. */
export function writeTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** Whether a text may be passed on as a `tracestate` field (3.3): it is for others to understand. */
export function isTracestate(text: string): boolean {
  if (text.length > longestState) return false;
  const members = text.split(",").map((member) => member.trim());
  const keys = members.filter((member) => member !== "").map((member) => stateMember.exec(member)?.[1]);
  return keys.length <= mostMembers && !keys.includes(undefined) && new Set(keys).size === keys.length;
}

const sampled = 1;

type Fields = { readonly traceId: string; readonly spanId: string; readonly flags: string };

/** Version ff is none, and the first one ends with its flags. */
const traceparent =
  /^(?!ff|00-.{53})[\da-f]{2}-(?<traceId>[\da-f]{32})-(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?:-.*)?$/;

const zeros = /^0+$/;

/** 32 members of the longest keys and values would be 16 KiB; nobody needs more than a field of ordinary length. */
const longestState = 8_192;

const mostMembers = 32;

const stateMember =
  /^((?:[a-z][\w\-*/]{0,255}|[a-z\d][\w\-*/]{0,240}@[a-z][\w\-*/]{0,13}))=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;
