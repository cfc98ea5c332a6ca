/** What `h2load` is to do. */
export interface H2Plan {
  readonly port: number;
  readonly path: string;
  readonly seconds: number;
}

/** Puts load over HTTP/2 on a port. Throws where the machine has no `h2load` (Debian: nghttp2-client). */
export async function runH2Load({
  port,
  path,
  seconds,
}: H2Plan): Promise<{ requests: number; errors: number }> {
  const program = Bun.which("h2load");
  if (program === null) throw new Error("Cannot measure HTTP/2: there is no h2load on the PATH; install it");
  const load = ["-c16", "-m4", `-D${Math.ceil(seconds)}`, `https://127.0.0.1:${port}${path}`];
  const child = Bun.spawn([program, ...load], { stdio: ["ignore", "pipe", "pipe"] });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return readReport(text);
}

/** Reads the two lines that count. */
export function readReport(text: string): { requests: number; errors: number } {
  const done = /(\d+) done, (\d+) succeeded, (\d+) failed/.exec(text);
  const good = /status codes: (\d+) 2xx/.exec(text);
  if (!done || !good) throw new Error(`Cannot measure HTTP/2: h2load said\n${text}`);
  return { requests: Number(good[1]), errors: Number(done[3]) + Number(done[2]) - Number(good[1]) };
}
