import type { Config } from "../../config/config.ts";
import type { FileFault } from "../configuration/named-files.ts";

/** A listener, and the names that its certificates are for. */
export interface CoveredNames {
  readonly listener: string;
  readonly names: readonly string[];
}

/** Routes of the listener for hosts that none of its certificates names: their clients will see a warning. */
export function findUncoveredHosts(config: Config, { listener, names }: CoveredNames): FileFault[] {
  return config.routes.flatMap(({ listener: listeners, host: hosts = [] }, index) => {
    if (listeners !== undefined && !listeners.includes(listener)) return [];
    return hosts
      .filter((host) => !names.some((name) => covers(name, host.toLowerCase())))
      .map((host) => ({
        path: ["routes", index, "host"],
        message: `no certificate of the listener "${listener}" is for "${host}"`,
      }));
  });
}

/** A `*` covers one label (RFC 9525, section 6.3). */
function covers(name: string, host: string): boolean {
  if (name === host) return true;
  return name.startsWith("*.") && host.slice(host.indexOf(".")) === name.slice(1);
}
