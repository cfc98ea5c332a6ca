import type { Config, ListenerTlsConfig } from "../../config/config.ts";
import type { Path } from "../../config/problem.ts";
import type { FileFault } from "../named-files.ts";
import { findUncoveredHosts } from "./covered-hosts.ts";
import { inspectPair, readCertificates } from "./inspect-pair.ts";

/** What the files of a configuration's listeners are read from. */
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

/** Looks at every certificate, key and authority of the listeners, before a client meets them. */
export function inspectCertificates(given: CertificateFiles): CertificateFindings {
  const found = Object.entries(given.config.listeners).map(([name, { tls }]) =>
    tls === undefined ? nothing : inspectListener(name, tls, given),
  );
  return {
    faults: found.flatMap(({ faults }) => faults),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

const nothing: CertificateFindings = { faults: [], warnings: [] };

function inspectListener(name: string, tls: ListenerTlsConfig, given: CertificateFiles): CertificateFindings {
  const path: Path = ["listeners", name, "tls"];
  const faults = inspectAuthority(tls, path, given.files);
  const warnings = inspectOptional(tls, path);
  const names: string[] = [];
  for (const [index, { cert, key }] of tls.certificates.entries()) {
    const { [cert]: certText, [key]: keyText } = given.files;
    if (certText === undefined || keyText === undefined) continue; // told already: it could not be read
    const inspected = inspectPair({ cert: certText, key: keyText, certName: cert, keyName: key });
    const at = [...path, "certificates", index];
    if ("at" in inspected) faults.push({ path: [...at, inspected.at], message: inspected.message });
    else {
      names.push(...inspected.names);
      warnings.push(...inspectTime([...at, "cert"], cert, { ...inspected, nowMs: given.nowMs }));
    }
  }
  if (faults.length === 0) warnings.push(...findUncoveredHosts(given.config, { listener: name, names }));
  return { faults, warnings };
}

function inspectAuthority(
  { clientAuth }: ListenerTlsConfig,
  path: Path,
  files: CertificateFiles["files"],
): FileFault[] {
  if (clientAuth === undefined) return [];
  const text = files[clientAuth.ca];
  if (text === undefined || (readCertificates(text)?.length ?? 0) > 0) return [];
  const message = `cannot use "${clientAuth.ca}": it holds no certificates in PEM form, or a broken one`;
  return [{ path: [...path, "clientAuth", "ca"], message }];
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
