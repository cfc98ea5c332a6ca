import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

import { namesOf } from "../../data/listener-tls.ts";

/** A certificate and its key, as texts and as the configuration calls their files. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
  readonly certName: string;
  readonly keyName: string;
}

/** What a pair is good for, or what is wrong with which of its files. */
export type Inspected =
  | { readonly names: readonly string[]; readonly notBefore: number; readonly notAfter: number }
  | { readonly at: "cert" | "key"; readonly message: string };

/** Reads a pair as a TLS server would. The contents of the files are never part of the message. */
export function inspectPair({ cert, key, certName, keyName }: CertificatePair): Inspected {
  const chain = readCertificates(cert);
  const [own] = chain ?? [];
  if (own === undefined) return { at: "cert", message: describeBrokenChain(cert, certName) };
  const secret = readKey(key);
  if (secret === undefined) return { at: "key", message: describeBrokenKey(key, keyName) };
  if (!own.checkPrivateKey(secret))
    return { at: "key", message: `cannot use "${keyName}": it is not the key of "${certName}"` };
  return { names: namesOf(own), notBefore: Date.parse(own.validFrom), notAfter: Date.parse(own.validTo) };
}

/** Every certificate of a PEM text; undefined where one of them, or the text, is broken. */
export function readCertificates(text: string): readonly X509Certificate[] | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length !== text.split("-----BEGIN CERTIFICATE-----").length - 1) return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

function describeBrokenChain(text: string, name: string): string {
  const isAbsent = !text.includes("-----BEGIN CERTIFICATE-----");
  return `cannot use "${name}": ${isAbsent ? "it holds no certificate in PEM form" : "a certificate in it is broken"}`;
}

function describeBrokenKey(text: string, name: string): string {
  if (text.includes("ENCRYPTED"))
    return `cannot use "${name}": the key is locked by a passphrase; write it without one`;
  const isAbsent = !text.includes("PRIVATE KEY-----");
  return `cannot use "${name}": ${isAbsent ? "it holds no private key in PEM form" : "the private key in it is broken"}`;
}
