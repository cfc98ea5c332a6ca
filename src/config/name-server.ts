import { normaliseAddress } from "../http/address/ip-address.ts";
import { parsePort } from "../http/address/port.ts";

/** Where a name server listens. */
export interface NameServer {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

const defaultPort = 53;

/** Reads `10.0.0.2`, `10.0.0.2:5353`, `2001:db8::1` or `[2001:db8::1]:5353`; undefined where the text is none of these. */
export function parseNameServer(text: string): NameServer | undefined {
  if (normaliseAddress(text) !== undefined) return { address: text, port: defaultPort };
  const [, v6, v4, digits] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
  const [address, port] = [v6 ?? v4 ?? "", parsePort(digits)];
  return port && normaliseAddress(address) !== undefined ? { address, port } : undefined;
}
