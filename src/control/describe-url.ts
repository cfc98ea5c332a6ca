import { describeBind } from "./port-check.ts";

/** Where a listener can be asked, as people paste it into a browser. */
export function describeUrl(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  scheme: "http" | "https" = "http",
): string {
  return `${scheme}://${describeBind({ hostname, port })}`;
}
