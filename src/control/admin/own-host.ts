import { isIP } from "node:net";

/**
 * Why a request is not meant for the admin; undefined where it is.
 *
 * A page of a stranger can make a browser call us under a name of its own (DNS rebinding), but not under an address, nor
 * under `localhost`; and what it sends across origins bears its Origin.
 */
export function findForeignHost(headers: Headers, bindHostname: string): string | undefined {
  const host = headers.get("host") ?? "";
  if (!isOwnHost(host, bindHostname)) return "the Host is not the admin's own";
  const origin = headers.get("origin");
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`) {
    return "the Origin is not the admin's own";
  }
  return undefined;
}

function isOwnHost(host: string, bindHostname: string): boolean {
  const [, v6, name = ""] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (v6 !== undefined) return isIP(v6) === 6;
  const known = name.toLowerCase();
  return isIP(known) === 4 || known === "localhost" || (known !== "" && known === bindHostname.toLowerCase());
}
