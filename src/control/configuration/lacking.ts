import type { Config } from "../../config/config.ts";
import type { Path } from "../../config/problem.ts";
import type { HostFeature } from "../../runtime/host.ts";

/** A key whose value this runtime cannot honour. */
export interface Lack {
  readonly path: Path;
  readonly message: string;
}

/** Finds what a configuration asks for and the runtime cannot do: better refused than done wrong in silence. */
export function findLacking(config: Config, lacks: ReadonlySet<HostFeature>): Lack[] {
  return [
    ...Object.entries(config.listeners).flatMap(([name, listener]) =>
      lacksOfListener(["listeners", name], listener, lacks),
    ),
    ...Object.entries(config.upstreams).flatMap(([name, upstream]) =>
      lacksOfUpstream(["upstreams", name], upstream, lacks),
    ),
  ];
}

function lacksOfListener(
  path: Path,
  { tls }: Config["listeners"][string],
  lacks: ReadonlySet<HostFeature>,
): Lack[] {
  if (tls === undefined) return [];
  const wanted: readonly (Lack & { readonly feature: HostFeature; readonly isWanted: boolean })[] = [
    {
      feature: "several-certificates",
      isWanted: tls.certificates.length > 1,
      path: [...path, "tls", "certificates"],
      message: "this runtime serves one certificate a listener; run Headgate on Bun",
    },
    {
      feature: "oldest-tls-version",
      isWanted: tls.minVersion !== "1.2",
      path: [...path, "tls", "minVersion"],
      message: "this runtime always begins at TLS 1.2; run Headgate on Bun",
    },
    {
      feature: "client-certificates",
      isWanted: tls.clientAuth !== undefined,
      path: [...path, "tls", "clientAuth"],
      message: "this runtime cannot ask clients for certificates; run Headgate on Bun",
    },
  ];
  return wanted
    .filter(({ feature, isWanted }) => isWanted && lacks.has(feature))
    .map(({ path: where, message }) => ({ path: where, message }));
}

function lacksOfUpstream(
  path: Path,
  { tls }: Config["upstreams"][string],
  lacks: ReadonlySet<HostFeature>,
): Lack[] {
  const isUnverified = !tls.verify && lacks.has("insecure-upstream-tls");
  const hasName = tls.serverName !== "" && lacks.has("server-name");
  return [
    ...(isUnverified
      ? [
          {
            path: [...path, "tls", "verify"],
            message: "this runtime always verifies; name the ca, or run Headgate on Bun",
          },
        ]
      : []),
    ...(hasName
      ? [{ path: [...path, "tls", "serverName"], message: "this runtime cannot set it; run Headgate on Bun" }]
      : []),
  ];
}
