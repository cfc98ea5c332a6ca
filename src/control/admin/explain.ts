import type { Context } from "hono";
import * as v from "valibot";
import type { ExplainedRequest, Explanation } from "../../data/explain-request.ts";
import { readJson } from "./read-json.ts";

/** Says why a request would go where it would go. */
export type Explain = (asked: ExplainedRequest) => Explanation;

const headerFields = v.pipe(
  v.record(v.string(), v.string()),
  v.check(areFields, "header fields as HTTP allows them"),
);

/** The body of a question. */
export const question = v.strictObject({
  method: v.pipe(v.string(), v.regex(/^[A-Za-z]+$/, "a method such as GET"), v.toUpperCase()),
  url: v.pipe(v.string(), v.url("a URL such as http://localhost:8080/path")),
  headers: v.optional(headerFields, {}),
  client: v.optional(v.pipe(v.string(), v.ip("an address such as 10.0.0.7")), "127.0.0.1"),
});

/** Answers why a request would go where it would go, by the numbers of this moment. */
export async function answerExplain(c: Context, explain: Explain): Promise<Response> {
  const asked = await readJson(c, question);
  if (asked instanceof Response) return asked;
  return c.json(explain({ ...asked, url: new URL(asked.url), headers: new Headers(asked.headers) }));
}

function areFields(fields: Readonly<Record<string, string>>): boolean {
  try {
    return new Headers(fields) instanceof Headers;
  } catch {
    return false;
  }
}
