/** What a server's URL may be, for error messages. */
export const serverUrlAllowed = "http://host:port or https://host:port, without a path";

/** A server's URL in its parts. */
export type ServerUrl = {
  /** Scheme, host and port, without a slash at the end and without user and password. */
  readonly url: string;
  /** `host:port`, the scheme's own port included. */
  readonly authority: string;
  /** The Authorization header that user and password of the URL make. */
  readonly authorization?: string;
};

/** Reads a server's URL; undefined when it is none, or has a path, query or fragment. */
export function parseServerUrl(text: string): ServerUrl | undefined {
  if (!/^https?:\/\/[^/?#\s\\]+\/?$/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.port === "0") return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const parts = { url: `${url.protocol}//${url.host}`, authority: `${url.hostname}:${port}` };
  return url.username + url.password === "" ? parts : { ...parts, authorization: toBasic(url) };
}

/** The Authorization field that the user and password of a URL make. */
export function toBasic({ username, password }: URL): string {
  const bytes = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
