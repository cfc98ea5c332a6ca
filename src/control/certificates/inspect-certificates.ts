import type { Config, ListenerTlsConfig } from "../../config/config.ts";
import type { Path } from "../../config/problem.ts";
import type { FileFault } from "../configuration/named-files.ts";
import { findUncoveredHosts } from "./covered-hosts.ts";
import { inspectPair, readCertificates } from "./inspect-pair.ts";

/** A configuration with the files that it names. */
export interface CertificateFiles {
  readonly config: Config;
  readonly files: Readonly<Record<string, string>>;
  /** Wall clock, ms since 1970. */
  readonly nowMs: number;
}

/** What makes a configuration useless, and what its owner should merely know. */
export interface CertificateFindings {
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
}

/** A certificate that ends sooner than this, in ms, is worth a line. */
const soonMs = 7 * 24 * 3_600_000;

/** Looks at every certificate, key and authority that a configuration names, before anybody meets them. */
export function inspectCertificates(given: CertificateFiles): CertificateFindings {
  const { listeners, upstreams } = given.config;
  return join([
    ...Object.entries(listeners).map(([name, { tls }]) => tls && inspectListener(name, tls, given)),
    ...Object.entries(upstreams).map(([name, { tls }]) => inspectUpstream(name, tls, given)),
  ]);
}

function join(found: readonly (CertificateFindings | undefined)[]): CertificateFindings {
  return {
    faults: found.flatMap((findings) => findings?.faults ?? []),
    warnings: found.flatMap((findings) => findings?.warnings ?? []),
  };
}

function inspectListener(name: string, tls: ListenerTlsConfig, given: CertificateFiles): CertificateFindings {
  const path: Path = ["listeners", name, "tls"];
  const pairs = tls.certificates.map((pair, index) =>
    inspectNamedPair(pair, [...path, "certificates", index], given),
  );
  const names = pairs.flatMap((pair) => pair.names);
  return join([
    ...pairs,
    tls.clientAuth && inspectAuthority(tls.clientAuth.ca, [...path, "clientAuth", "ca"], given),
    { faults: [], warnings: inspectOptional(tls, path) },
    { faults: [], warnings: findUncoveredHosts(given.config, { listener: name, names }) },
  ]);
}

function inspectUpstream(
  name: string,
  { ca, cert, key }: Config["upstreams"][string]["tls"],
  given: CertificateFiles,
): CertificateFindings {
  const path: Path = ["upstreams", name, "tls"];
  return join([
    ca === "" ? undefined : inspectAuthority(ca, [...path, "ca"], given),
    cert === "" ? undefined : inspectNamedPair({ cert, key }, path, given),
  ]);
}

/** A pair that could not be read was told of already. */
function inspectNamedPair(
  { cert, key }: { readonly cert: string; readonly key: string },
  path: Path,
  { files, nowMs }: CertificateFiles,
): CertificateFindings & { readonly names: readonly string[] } {
  const { [cert]: certText, [key]: keyText } = files;
  if (certText === undefined || keyText === undefined) return { names: [], faults: [], warnings: [] };
  const inspected = inspectPair({ cert: certText, key: keyText, certName: cert, keyName: key });
  if ("at" in inspected) {
    const fault = { path: [...path, inspected.at], message: inspected.message };
    return { names: [], faults: [fault], warnings: [] };
  }
  const warnings = inspectTime([...path, "cert"], cert, { ...inspected, nowMs });
  return { names: inspected.names, faults: [], warnings };
}

function inspectAuthority(file: string, path: Path, { files }: CertificateFiles): CertificateFindings {
  const text = files[file];
  const isUsable = text === undefined || (readCertificates(text)?.length ?? 0) > 0;
  const message = `cannot use "${file}": it holds no certificates in PEM form, or a broken one`;
  return { faults: isUsable ? [] : [{ path, message }], warnings: [] };
}

/** Neither runtime tells who a client's certificate speaks for, so that asking for one without need is idle. */
function inspectOptional({ clientAuth }: ListenerTlsConfig, path: Path): FileFault[] {
  if (clientAuth === undefined || clientAuth.required) return [];
  const message =
    "false lets every client in: its certificate is asked for, but neither checked nor passed on";
  return [{ path: [...path, "clientAuth", "required"], message }];
}

type Lifetime = { readonly notBefore: number; readonly notAfter: number; readonly nowMs: number };

function inspectTime(path: Path, file: string, { notBefore, notAfter, nowMs }: Lifetime): FileFault[] {
  if (nowMs > notAfter) return [{ path, message: `"${file}" has expired on ${describeDay(notAfter)}` }];
  if (nowMs < notBefore)
    return [{ path, message: `"${file}" is not valid before ${describeDay(notBefore)}` }];
  return nowMs > notAfter - soonMs
    ? [{ path, message: `"${file}" expires on ${describeDay(notAfter)}` }]
    : [];
}

function describeDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
