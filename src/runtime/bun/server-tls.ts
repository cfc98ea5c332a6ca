import type { ListenCertificate, ListenTls } from "../listener.ts";

/** Bun takes versions by their numbers on the wire. */
const versionNumbers = { "1.2": 0x303, "1.3": 0x304 } as const;

/**
 * What `Bun.serve` takes as `tls`: the default certificate first, then one entry for each server name.
 *
 * Every entry repeats the rules about versions and clients, as a client that names a server is held to that entry's.
 */
export function toBunServerTls(tls: ListenTls): Bun.TLSOptions[] {
  const rules = rulesOf(tls);
  const entry = ({ cert, key }: ListenCertificate, named: Bun.TLSOptions = {}): Bun.TLSOptions => ({
    ...rules,
    ...named,
    cert,
    key,
  });
  const owners = [...ownersOfNames(tls)];
  return [
    entry(tls.certificates[0]),
    ...owners.map(([serverName, certificate]) => entry(certificate, { serverName })),
  ];
}

function rulesOf({ oldestVersion, clientAuth }: ListenTls): Bun.TLSOptions {
  const versions = { minVersion: versionNumbers[oldestVersion] } as Bun.TLSOptions;
  if (clientAuth === undefined) return versions;
  const { ca, required } = clientAuth;
  return { ...versions, ca, requestCert: true, rejectUnauthorized: required };
}

/** Where two certificates cover the same name, the first of them serves it. */
function ownersOfNames({ certificates }: ListenTls): Map<string, ListenCertificate> {
  const owners = new Map<string, ListenCertificate>();
  for (const certificate of certificates)
    for (const name of certificate.names) if (!owners.has(name)) owners.set(name, certificate);
  return owners;
}
