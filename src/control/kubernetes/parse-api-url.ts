/** Reads the URL of an API server, which may lie below a path; throws an error that names where it is written. */
export function parseApiUrl(text: string, origin: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.username + url.password + url.search + url.hash === "";
  if (!url || !isPlain || !/^https?:$/.test(url.protocol))
    throw new Error(`Cannot use ${origin}: its server must be https://host:port or http://host:port`);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
