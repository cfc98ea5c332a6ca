import * as v from "valibot";
import { entriesOf } from "../raw.ts";
import { block, choice, listOf, refuseLists, text } from "./forms.ts";
import { fileName, status } from "./http-words.ts";

/** Where a page comes from: a file, or text of the configuration itself. */
export type ErrorPage = { file: string } | { text: string };

const shorthand = v.pipe(
  text,
  v.minLength(1, "a file, or inline text with a <"),
  v.transform((value): ErrorPage => (value.includes("<") ? { text: value } : { file: value })),
);

const page = choice([shorthand, block({ file: fileName }), block({ text })], pickPage);

const intercept = listOf(status);

/** The pages of errors by status, `4xx`, `5xx` or `default`, and the upstream statuses that they replace as well. */
export const errorPagesSchema = v.pipe(
  pagesWith(v.optional(intercept, [])),
  v.transform(({ intercept: statuses, ...pages }) => ({ pages: pages, intercept: statuses })),
);

/** The same for one route; what it does not say is absent, so that the global block holds. */
export const routeErrorPagesSchema = v.pipe(
  pagesWith(v.exactOptional(intercept)),
  v.transform(({ intercept: statuses, ...pages }) => ({
    pages: pages,
    ...(statuses === undefined ? {} : { intercept: statuses }),
  })),
);

function pickPage(input: unknown): number {
  if (typeof input !== "object" || input === null) return 0;
  return "text" in input ? 2 : 1;
}

function pagesWith<const S extends v.GenericSchema<unknown, number[] | undefined>>(statuses: S) {
  return v.pipe(
    refuseLists(v.objectWithRest({ intercept: statuses }, page, "a block of pages")),
    v.rawCheck(({ dataset, addIssue }) => {
      const input = dataset.value as Record<string, unknown>;
      for (const key of wrongKeys(input)) {
        const path = [{ type: "object", origin: "key", input, key, value: input[key] }] as const;
        addIssue({
          input: key,
          message: "a status from 400 to 599, 4xx, 5xx, default or intercept",
          path: [...path],
        });
      }
    }),
  );
}

function wrongKeys(input: unknown): string[] {
  return entriesOf(input).flatMap(([key]) => (isPageKey(key) ? [] : [key]));
}

function isPageKey(key: string): boolean {
  return /^([45]\d\d|4xx|5xx|default|intercept)$/.test(key);
}
