import { isIPv4, isIPv6 } from "node:net";

/** The addresses that the text of `/etc/hosts` gives a name. */
export function addressesInHosts(
  text: string,
  name: string,
): { readonly A: string[]; readonly AAAA: string[] } {
  const wanted = name.replace(/\.$/, "").toLowerCase();
  const addresses = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .flatMap(([address = "", ...names]) =>
      names.some((one) => one.toLowerCase() === wanted) ? [address] : [],
    );
  return { A: addresses.filter((one) => isIPv4(one)), AAAA: addresses.filter((one) => isIPv6(one)) };
}
