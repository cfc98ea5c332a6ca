import { parseTarget } from "../../../http/canonical-path.ts";
import { escapeRegex } from "./escape-regex.ts";
import type { PathModifier } from "./route-rule.ts";
import { Unsupported } from "../status/unsupported.ts";

/** A rewrite in the words of the configuration. */
export interface PathChange {
  readonly regex: { readonly find: string; readonly with: string };
}

/** Translates a change of the path. Throws `Unsupported` where it is none, or asks for a prefix that there is not. */
export function translatePathChange(
  { type, replaceFullPath, replacePrefixMatch }: PathModifier,
  prefix: string | undefined,
): PathChange {
  if (type === "ReplaceFullPath" && replaceFullPath !== undefined) {
    return { regex: { find: "^.*$", with: toTemplate(toPath(replaceFullPath)) } };
  }
  if (type === "ReplacePrefixMatch" && replacePrefixMatch !== undefined) {
    return replacePrefix(prefix, toPath(replacePrefixMatch === "" ? "/" : replacePrefixMatch));
  }
  throw new Unsupported(`the change of path ${JSON.stringify(type)} is not known, or lacks its value`);
}

/** `/foo` → `/bar` makes `/foo/a` `/bar/a` and `/foo` `/bar`; `/foo` → `/` makes them `/a` and `/`. */
function replacePrefix(prefix: string | undefined, replacement: string): PathChange {
  if (prefix === undefined) throw new Unsupported("ReplacePrefixMatch needs a match by PathPrefix");
  const bare = replacement.replace(/\/$/, "");
  const find = `^${anySpelling(prefix)}`;
  if (bare === "") return { regex: { find: `${find}${slash}*`, with: "/" } };
  return prefix === ""
    ? { regex: { find: "^/(.*)$", with: `${toTemplate(bare)}/$1` } }
    : { regex: { find, with: toTemplate(bare) } };
}

const slash = "(?:/|%2F|%5C)";

/** What a path may hold encoded although it is matched as the character itself. */
const oftenEncoded = /[!$&'()*+,:;=@[\]|]/;

/** Finds the prefix in a path as clients may have spelled it: routes match what is decoded, servers get what was sent. */
function anySpelling(prefix: string): string {
  return Array.from(prefix, (character, index) => {
    if (character === "/") return index === 0 ? "/" : `${slash}+`;
    if (!oftenEncoded.test(character)) return escapeRegex(character);
    return `(?:${escapeRegex(character)}|%${character.charCodeAt(0).toString(16).toUpperCase()})`;
  }).join("");
}

function toPath(value: string): string {
  const target = /^\/[^?#]*$/.test(value) ? parseTarget(value) : undefined;
  if (target === undefined || target.query !== "")
    throw new Unsupported(
      `the path ${JSON.stringify(value)} is none: write it with / before it, without ? and #`,
    );
  return target.path;
}

/** In a replacement `$` has a meaning of its own. */
function toTemplate(path: string): string {
  return path.replaceAll("$", "$$$$");
}
