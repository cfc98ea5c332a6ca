import { memoise } from "../memoise.ts";

/**
 * A field's name as most servers write it, each word with a capital: old clients know no other. Names that are written
 * otherwise by everybody keep their form.
 */
export const writtenName = memoise(
  512,
  (name): string => special[name] ?? name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()),
);

const special: Readonly<Record<string, string>> = {
  dnt: "DNT",
  etag: "ETag",
  te: "TE",
  "www-authenticate": "WWW-Authenticate",
  "x-xss-protection": "X-XSS-Protection",
};
