import { waitForPort } from "./child.ts";

const SCRAPE_MS = 1000;

/** Looks at an admin as a Prometheus in a hurry and an open dashboard do, until the function that it gives is called. */
export function watchAdmin(port: number): () => void {
  const leave = new AbortController();
  const { signal } = leave;
  const timer = setInterval(() => void scrape(port, signal), SCRAPE_MS);
  void follow(port, signal);
  return () => {
    clearInterval(timer);
    leave.abort();
  };
}

async function scrape(port: number, signal: AbortSignal): Promise<void> {
  await read(fetch(`http://127.0.0.1:${port}/metrics`, { signal }), signal);
}

async function follow(port: number, signal: AbortSignal): Promise<void> {
  await waitForPort(port); // an admin opens after the listeners
  await read(fetch(`http://127.0.0.1:${port}/api/events`, { signal }), signal);
}

/** To its end, or to ours. */
async function read(answer: Promise<Response>, signal: AbortSignal): Promise<void> {
  try {
    const { body, ok } = await answer;
    if (!ok || !body) throw new Error("Cannot watch: the admin does not answer");
    for await (const _ of body) if (signal.aborted) return;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
