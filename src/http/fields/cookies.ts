import type { EditableFields } from "./field-lines.ts";

/** Gives the value of the first cookie of that name in a Cookie field, as it was sent. */
export function cookieValue(field: string | null, name: string): string | undefined {
  if (field === null || !field.includes(name)) return undefined;
  const prefix = `${name}=`;
  const pair = pairsOf(field).find((text) => text.startsWith(prefix));
  return pair?.slice(prefix.length);
}

/** Gives a Cookie field without any cookie of that name; "" where none is left. */
export function withoutCookie(field: string, name: string): string {
  if (!field.includes(name)) return field;
  const prefix = `${name}=`;
  return pairsOf(field)
    .filter((text) => !text.startsWith(prefix))
    .join("; ");
}

/** Takes the cookies of that name out of a request's fields. */
export function removeCookie(headers: EditableFields, name: string): void {
  const field = headers.get("cookie");
  if (field === null || cookieValue(field, name) === undefined) return;
  const rest = withoutCookie(field, name);
  if (rest === "") headers.delete("cookie");
  else headers.set("cookie", rest);
}

/** How a client keeps a cookie (RFC 6265, 4.1). */
export type CookieAttributes = {
  readonly maxAgeSeconds?: number;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: "Strict" | "Lax" | "None";
};

/**
 * Gives a Set-Cookie field.
 *
 * @throws {Error} where a name, a value or an attribute would end the field early and begin another.
 */
export function serialiseSetCookie(name: string, value: string, attributes: CookieAttributes = {}): string {
  const { maxAgeSeconds, path, domain, secure, httpOnly, sameSite } = attributes;
  const parts = [
    `${checked(cookieName, name)}=${checked(cookieText, value)}`,
    maxAgeSeconds !== undefined && `Max-Age=${Math.trunc(maxAgeSeconds)}`,
    domain !== undefined && `Domain=${checked(attributeText, domain)}`,
    path !== undefined && `Path=${checked(attributeText, path)}`,
    secure === true && "Secure",
    httpOnly === true && "HttpOnly",
    sameSite !== undefined && `SameSite=${sameSite}`,
  ];
  return parts.filter((part) => part !== false).join("; ");
}

const cookieName = /^[\w!#$%&'*+.^`|~-]+$/;
const cookieText = /^[!#-+\--:<-[\]-~]*$/;
const attributeText = /^[ -:<-~]*$/;

function pairsOf(field: string): string[] {
  return field.split(";").map((pair) => pair.trim());
}

function checked(pattern: RegExp, text: string): string {
  if (!pattern.test(text))
    throw new Error(`Cannot write a cookie: ${JSON.stringify(text)} has a character that ends it`);
  return text;
}
