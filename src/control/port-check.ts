import { createServer } from "node:net";

import type { Bind } from "../config/bind.ts";

/** An address that is to be opened, and who wants it. */
export interface WantedBind {
  /** What the configuration calls it: `listeners.web` or `admin`. */
  readonly owner: string;
  readonly bind: Bind;
}

/** Why an address cannot be opened; `message` is a whole line. */
export interface BindFault {
  readonly owner: string;
  readonly message: string;
}

/**
 * Proves that each address can be bound, and returns a fault for each that cannot.
 *
 * The workers open their listeners with SO_REUSEPORT, under which a second, forgotten instance would share the port
 * in silence and take half of the traffic; so each address is first bound without it, and let go again.
 */
export async function findBindFaults(wanted: readonly WantedBind[]): Promise<BindFault[]> {
  const faults = findTwins(wanted);
  for (const one of wanted) {
    const reason = await tryBind(one); // one after the other: two of our own must not meet
    if (reason !== undefined) faults.push(describeFault(one, reason));
  }
  return faults;
}

/** An address as users write it. */
export function describeBind({ hostname, port }: Bind): string {
  if (hostname === "") return `0.0.0.0:${port}`;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Our own workers share their ports, so that two listeners on one address would not even notice each other. */
function findTwins(wanted: readonly WantedBind[]): BindFault[] {
  const seen = new Map<string, string>();
  return wanted.flatMap((one) => {
    const address = describeBind(one.bind);
    const twin = one.bind.port === 0 ? undefined : seen.get(address);
    seen.set(address, one.owner);
    return twin === undefined ? [] : [describeFault(one, `${nameOf(twin)} has that address`)];
  });
}

function describeFault({ owner, bind }: WantedBind, reason: string): BindFault {
  return { owner, message: `Cannot listen on ${describeBind(bind)} (${nameOf(owner)}): ${reason}` };
}

function tryBind(wanted: WantedBind): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      resolve(reasonOf(error.code ?? error.message, wanted)),
    );
    server.once("listening", () => server.close(() => resolve(undefined)));
    server.listen(toListenOptions(wanted.bind));
  });
}

function toListenOptions({ hostname, port }: Bind): { port: number; host?: string; exclusive: boolean } {
  return hostname === "" ? { port, exclusive: true } : { port, host: hostname, exclusive: true };
}

function nameOf(owner: string): string {
  return owner.startsWith("listeners.") ? `listener "${owner.slice("listeners.".length)}"` : owner;
}

function reasonOf(code: string, { owner, bind }: WantedBind): string {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `another process uses this port; stop it or change ${owner}.bind`,
    EACCES: `this user may not open port ${bind.port}; take one above 1023, or give the process CAP_NET_BIND_SERVICE`,
    EADDRNOTAVAIL: `this machine has no address ${bind.hostname}; change ${owner}.bind`,
    EINVAL: `this machine has no address ${bind.hostname}; change ${owner}.bind`,
    ENOTFOUND: `no address is known for the name ${bind.hostname}; change ${owner}.bind`,
  };
  return reasons[code] ?? code;
}
