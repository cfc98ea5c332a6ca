import type { RouteConfig } from "../../config/config.ts";
import { compileLinear } from "../../config/linear-regex.ts";
import { parseTemplate, replaceMatches } from "../../config/template.ts";
import { parseTarget } from "../../http/canonical-path.ts";

/** Gives the path and query for the server; undefined where what comes out is no path. */
export type Rewrite = (path: string, query: string) => string | undefined;

/** Compiles a rewrite: strip a prefix, then add one, then replace by a regular expression. */
export function createRewrite(config: NonNullable<RouteConfig["rewrite"]>): Rewrite {
  const { stripPrefix, addPrefix, regex } = config;
  const replace = regex && replacer(regex);
  return (path, query) => {
    const stripped = stripPrefix === undefined ? path : strip(path, stripPrefix);
    const added = addPrefix === undefined ? stripped : join(addPrefix, stripped);
    return toTarget(replace ? replace(added) : added, query);
  };
}

function replacer({ find, with: instead }: { readonly find: string; readonly with: string }) {
  const [regex, template] = [compileLinear(find, ""), parseTemplate(instead)];
  return (path: string): string => replaceMatches(path, regex, template);
}

/** Only whole segments: `/images` is stripped from `/images/a` and `/images`, never from `/imagesque`. */
function strip(path: string, prefix: string): string {
  const bare = withoutTrailingSlash(prefix);
  if (path === bare) return "/";
  return path.startsWith(`${bare}/`) ? path.slice(bare.length) : path;
}

function join(prefix: string, path: string): string {
  return withoutTrailingSlash(prefix) + path;
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** What was rewritten is made canonical again: the server must not see a path that nobody checked. */
function toTarget(rewritten: string, query: string): string | undefined {
  if (!rewritten.startsWith("/")) return undefined;
  const target = parseTarget(rewritten);
  if (!target) return undefined;
  const rest = target.query === "" ? query : query.replace("?", "&");
  return target.path + target.query + rest;
}
