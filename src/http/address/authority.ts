import { memoise } from "../memoise.ts";
import { normaliseAddress } from "./ip-address.ts";
import { parseIpv4 } from "./ipv4.ts";
import { parsePort } from "./port.ts";

/** Whom a request is for. */
export type Authority = {
  /** Lower case, without a trailing dot; an IPv6 address in brackets. */
  readonly host: string;
  /** 1..65535; undefined where the text names none. */
  readonly port: number | undefined;
};

/**
 * Reads a Host header strictly: a name, an IPv4 or a bracketed IPv6 address, and perhaps a port.
 *
 * Userinfo, lists and delimiters are refused, since two readers would see two hosts in them. A name may hold an
 * underscore, as many internal ones do. A site has few names; a client that makes up others costs time, but no memory.
 */
export const parseAuthority: (text: string) => Authority | undefined = memoise(256, readAuthority);

function readAuthority(text: string): Authority | undefined {
  if (ordinaryName.test(text)) return { host: text, port: undefined };
  const match = authority.exec(text);
  if (match === null) return undefined;
  const [, address, name, portText] = match;
  const host = address === undefined ? canonicalName(name ?? "") : canonicalIpv6(address);
  if (host === undefined) return undefined;
  if (portText === undefined) return { host, port: undefined };
  const port = parsePort(portText);
  return port === undefined ? undefined : { host, port };
}

/** Short lower-case labels that end in one of letters: no address, not too long, nothing to rewrite. */
const ordinaryName = /^(?:[a-z\d_-]{1,24}\.){0,8}[a-z]{1,24}$/;
const authority = /^(?:\[([\da-f:.]+)\]|([\w.-]{1,254}))(?::(\d{1,5}))?$/i;
const nameOfLabels = /^(?:[\w-]{1,63}\.)*[\w-]{1,63}$/;
const numericEnd = /(?:^|\.)(?:\d+|0x[\da-f]*)$/;

function canonicalName(name: string): string | undefined {
  const host = (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
  if (host.length > 253 || !nameOfLabels.test(host)) return undefined;
  return numericEnd.test(host) && parseIpv4(host) < 0 ? undefined : host;
}

function canonicalIpv6(address: string): string | undefined {
  if (!address.includes(":")) return undefined;
  const canonical = normaliseAddress(address);
  if (canonical === undefined) return undefined;
  return canonical.includes(":") ? `[${canonical}]` : `[::ffff:${canonical}]`;
}
