/** Where a listener accepts connections. */
export type Bind = {
  /** A name or an address without brackets; empty = all interfaces, IPv4 and IPv6. */
  readonly hostname: string;
  /** 0..65535; 0 = any free port. */
  readonly port: number;
};

/** What a bind may be, for error messages. */
export const bindAllowed = "host:port, :port (all interfaces) or [v6]:port, with a port from 0 to 65535";

/** Reads `host:port`, `:port` or `[v6]:port`; undefined when the text is none of these. */
export function parseBind(text: string): Bind | undefined {
  const [, v6, name, digits = ""] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:[\]/@]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535) return undefined;
  return { hostname: v6 ?? name ?? "", port };
}

/** Whether only this machine can reach the address. */
export function isLoopback({ hostname }: Bind): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
