import { isLoopback, parseBind } from "../../config/bind.ts";
import type { Config } from "../../config/config.ts";
import { createCidrSet } from "../../http/address/cidr-set.ts";

/**
 * Nobody's server is here: unspecified, multicast and reserved addresses, and those of the link, where clouds answer questions
 * about the machine that are not for clients.
 */
const isNowhere = createCidrSet([
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/128",
  "fe80::/10",
  "ff00::/8",
]);

const isHere = createCidrSet(["127.0.0.0/8", "::1/128"]);

/**
 * Gives the test whether a URL can never be a server's, whoever says so. Our own admin is none: it trusts this machine, and a
 * name server in the wrong hands would open it to all clients by naming it.
 */
export function createNeverServer({ admin }: Pick<Config, "admin">): (url: string) => boolean {
  const bind = admin.bind === false ? undefined : parseBind(admin.bind);
  const adminPort = bind && isLoopback(bind) ? bind.port : 0;
  return (url) => {
    const { hostname, port, protocol } = new URL(url);
    const address = hostname.replace(/^\[(.*)\]$/, "$1");
    const isAdmin = isHere(address) && Number(port || (protocol === "https:" ? 443 : 80)) === adminPort;
    return isNowhere(address) || isAdmin;
  };
}
