import type { Context } from "hono";
import * as v from "valibot";

/** The most that a request of the admin may say, bytes. */
const MAX_BYTES = 65_536;

/** Reads a request's JSON by a schema; else the answer that says what is wrong: 413, 400, or 422 with the path. */
export async function readJson<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S> | Response> {
  const text = await readText(c.req.raw);
  if (text === undefined)
    return c.json({ error: `Cannot read the body: it is longer than ${MAX_BYTES} bytes` }, 413);
  const value = parse(text);
  if (value === undefined) return c.json({ error: "Cannot read the body: it is not JSON" }, 400);
  return readBy(c, schema, value);
}

/** Reads a value by a schema; else the 422 that says what is wrong where. */
export function readBy<S extends v.GenericSchema>(
  c: Context,
  schema: S,
  value: unknown,
): v.InferOutput<S> | Response {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const errors = result.issues.map((issue) => ({ path: v.getDotPath(issue) ?? "", message: issue.message }));
  return c.json({ errors }, 422);
}

async function readText(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length")) > MAX_BYTES) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
