import * as v from "valibot";
import { parseCidr } from "../../http/address/cidr-set.ts";
import { isFieldValue } from "../../http/fields/field-value.ts";
import { passedMethods } from "../../http/methods.ts";
import { bindAllowed, parseBind } from "../bind.ts";
import { isPattern, isRegexSource, patternAllowed } from "../pattern.ts";
import { parseSource } from "../source.ts";
import { checked, listOf, mapOf, oneOrMany, parsed, wholeNumber } from "./forms.ts";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The name of a listener, an upstream or a server: it stands in paths of the admin API, metrics and logs. */
export const name = checked("a name without spaces and slashes", (text) => /^[^\s/\p{C}]+$/u.test(text));

/** The name of a header field (RFC 9110, section 5.1). */
export const headerName = v.pipe(
  v.string(),
  v.regex(token, "a header name: letters, digits and !#$%&'*+-.^_`|~"),
);

/** The value of a header field, an octet a character; a line break would start another field. */
export const headerValue = checked(
  "a header value: a text of characters up to ÿ, without line breaks and control characters",
  isFieldValue,
);

/** The name of a cookie (RFC 6265, section 4.1.1). */
export const cookieName = v.pipe(
  v.string("a cookie name"),
  v.regex(token, "a cookie name: letters, digits and !#$%&'*+-.^_`|~"),
);

/** Header fields to set. */
export const headerFields = mapOf(headerName, headerValue);

/** One header name or several. */
export const headerNames = oneOrMany(headerName);

/** A text to find, or `/re/flags`. */
export const pattern = checked(patternAllowed, isPattern);

/** A text to find with something in it, or `/re/flags`. */
export const somePattern = checked(`${patternAllowed}, not empty`, (text) => text !== "" && isPattern(text));

/** The source of a regular expression, without slashes around it. */
export const regexSource = checked(
  "a regular expression without slashes around it, without lookarounds and back-references",
  isRegexSource,
);

/** Addresses and networks. */
export const cidrs = listOf(
  checked(
    "an address or a network such as 10.0.0.0/8 or 2001:db8::/32",
    (text) => parseCidr(text) !== undefined,
  ),
);

/** Where something accepts connections, as text; `parseBind` reads it. */
export const bind = checked(bindAllowed, (text) => parseBind(text) !== undefined);

/** A path that starts at the root. */
export const absolutePath = checked("a path that starts with /, without spaces, ? and #", (text) =>
  /^\/[^\s?#]*$/.test(text),
);

/** A host name in lower case, as a URL writes it, or `*.` and a host name. A port is dropped: hosts match on every port. */
export const hostPattern = parsed({
  allowed: "a host name such as example.com, or *.example.com",
  pattern: "^(\\*\\.)?[^*/\\s]+$",
  parse: parseHostPattern,
});

/** A status that an answer can have. */
export const status = wholeNumber({ min: 200, max: 599 });

/** A TCP port to connect to. */
export const port = wholeNumber({ min: 1, max: 65_535 });

/** A request method that is passed on; TRACE, CONNECT and unknown ones never are. */
export const method = v.picklist(passedMethods, "a method in capitals, such as GET or POST");

/** The path of a file, relative to the configuration file. */
export const fileName = checked("the path of a file", (text) => text !== "" && !text.includes("\0"));

/** A URL of one of the schemes. */
export function urlOf(...schemes: [string, ...string[]]) {
  const allowed = `a URL such as ${schemes.map((scheme) => `${scheme}://host:port`).join(" or ")}`;
  return checked(
    allowed,
    (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)),
  );
}

/** A key such as `client-ip`, or `header:NAME` for the kinds that take a name. */
export function sourceOf<const W extends string, const K extends string>(
  words: readonly W[],
  kinds: readonly K[],
) {
  const allowed = [...words, ...kinds.map((kind) => `${kind}:NAME`)].join(", ");
  return checked<W | `${K}:${string}`>(allowed, (text) => {
    const source = parseSource(text);
    if (source.name === "") return words.some((word) => word === text);
    return kinds.some((kind) => kind === source.kind) && (source.kind === "query" || token.test(source.name));
  });
}

function parseHostPattern(text: string): string | undefined {
  const wildcard = text.startsWith("*.") ? "*." : "";
  const rest = text.slice(wildcard.length);
  if (rest === "" || /[\s*/?#@\\]/.test(rest) || !URL.canParse(`http://${rest}/`)) return undefined;
  return wildcard + new URL(`http://${rest}/`).hostname;
}
