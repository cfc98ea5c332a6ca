import { Buffer } from "node:buffer";

import { inspectPair } from "../certificates/inspect-pair.ts";
import type { Cluster } from "./watch/cluster.ts";
import { type Condition, unmet } from "./status/condition.ts";
import { type Gateway, keyOf, type ListenerSpec } from "./objects.ts";
import { isPermitted } from "./reference-grants.ts";

/** A certificate of a Secret, under names that stand for files. */
export interface SecretCertificate {
  readonly cert: string;
  readonly key: string;
  /** What the two hold. */
  readonly files: Readonly<Record<string, string>>;
}

/** The certificates that a listener can serve, and why it cannot serve the others that it names. */
export interface FoundCertificates {
  readonly certificates: readonly SecretCertificate[];
  readonly faults: readonly Condition[];
}

type CertificateRef = NonNullable<ListenerSpec["tls"]>["certificateRefs"][number];

/** Follows the references of a listener to its certificates. */
export function findCertificates(
  { tls }: ListenerSpec,
  gateway: Gateway,
  cluster: Cluster,
): FoundCertificates {
  const found = (tls?.certificateRefs ?? []).map((ref) => findOne(ref, gateway, cluster));
  return {
    certificates: found.flatMap((one) => ("cert" in one ? [one] : [])),
    faults: found.flatMap((one) => ("cert" in one ? [] : [one])),
  };
}

function findOne(ref: CertificateRef, gateway: Gateway, cluster: Cluster): SecretCertificate | Condition {
  const { group, kind, name } = ref;
  if (group !== "" || kind !== "Secret")
    return invalid(`${kind} of ${JSON.stringify(group)} holds no certificates`);
  const from = { kind: "Gateway", namespace: gateway.metadata.namespace } as const;
  const to = { kind, namespace: ref.namespace ?? from.namespace, name } as const;
  const key = `${to.namespace}/${name}`;
  if (!isPermitted({ from, to }, cluster.grants)) {
    const message = `no ReferenceGrant of ${to.namespace} lets the Gateway ${keyOf(gateway)} refer to the Secret ${key}`;
    return unmet("ResolvedRefs", "RefNotPermitted", message);
  }
  return readSecret(key, cluster);
}

function readSecret(key: string, { secrets }: Cluster): SecretCertificate | Condition {
  const data = secrets.get(key)?.data;
  if (data === undefined) return invalid(`there is no Secret ${key} of the type kubernetes.io/tls`);
  const [certName, keyName] = [`secret/${key}/tls.crt`, `secret/${key}/tls.key`];
  const [certText, keyText] = [decode(data["tls.crt"]), decode(data["tls.key"])];
  const inspected = inspectPair({ cert: certText, key: keyText, certName, keyName });
  if ("at" in inspected) return invalid(inspected.message);
  return { cert: certName, key: keyName, files: { [certName]: certText, [keyName]: keyText } };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function invalid(message: string): Condition {
  return unmet("ResolvedRefs", "InvalidCertificateRef", message);
}
