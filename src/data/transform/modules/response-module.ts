import { toHeaders } from "../../../http/fields/field-lines.ts";
import type { Answer } from "../answer.ts";
import type { FilterTools } from "../filters/filter-tools.ts";
import type { ResponseFilter } from "../response-filter.ts";
import { BorrowedBody } from "./borrowed-body.ts";
import { viewOf } from "./view-of.ts";

/** Lets a module of the user's own change an answer; undefined where it only looks at requests. */
export function responseModule(file: string, { modules }: FilterTools): ResponseFilter | undefined {
  const module = modules.get(file);
  if (!module?.response) return undefined;
  const name = `module ${file}`;
  const bodies = new WeakMap<Answer, BorrowedBody>();
  return {
    name,
    async head(answer) {
      const borrowed = new BorrowedBody(name);
      const { status } = answer;
      const given = new Response(answer.hasBody ? borrowed.stream : null, {
        status,
        headers: toHeaders(answer.headers),
      });
      const result = (await module.response?.(given, viewOf(answer.exchange))) ?? given;
      if (!(result instanceof Response)) throw new Error("it gave something that is no Response");
      adopt(answer, result);
      const isTouched = result.body !== given.body || given.bodyUsed;
      if (answer.hasBody && isTouched) bodies.set(answer, borrowed.give(result.body));
    },
    body: (answer) => bodies.get(answer),
  };
}

function adopt(answer: Answer, { status, headers }: Response): void {
  if (status < 200 || status > 599) throw new Error(`it gave the status ${status}`);
  answer.status = status;
  const names = Array.from(answer.headers, ([name]) => name);
  for (const name of names) answer.headers.delete(name);
  for (const [name, value] of headers) answer.headers.append(name, value);
}
