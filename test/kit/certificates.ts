import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Teardown } from "./teardown.ts";

const run = promisify(execFile);

/** A certificate and its key, in files and as texts. */
export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates for a test; all of its files lie in a directory that goes when the test ends. */
export interface TestAuthority extends TestCertificate {
  readonly directory: string;
  /** Makes a pair `NAME.crt` and `NAME.key` for these subject alternative names, such as `DNS:a.example`. */
  readonly issue: (name: string, options?: IssueOptions) => Promise<TestCertificate>;
}

/** What a certificate is made for. */
export interface IssueOptions {
  /** Default: `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string;
  /** How long it is valid, days; -1 = it expired a day ago. */
  readonly days?: number;
}

const defaultNames = "DNS:localhost,IP:127.0.0.1";

/** Makes an authority with the machine's `openssl`. */
export async function createAuthority(t: Teardown): Promise<TestAuthority> {
  const directory = await mkdtemp(join(tmpdir(), "headgate-tls-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const files = filesOf(directory, "ca");
  const days = ["-days", "30", "-addext", "keyUsage=critical,keyCertSign"];
  await openssl(["req", "-x509", ...newKey("ca", files), "-out", files.certFile, ...days]);
  return {
    directory,
    ...(await read(files)),
    async issue(name, { names = defaultNames, days = 30 } = {}) {
      const own = filesOf(directory, name);
      const request = join(directory, `${name}.csr`);
      const extensions = [
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-addext",
        `subjectAltName=${names}`,
      ];
      await openssl(["req", "-new", ...newKey(name, own), "-out", request, ...extensions]);
      const signing = ["-CA", files.certFile, "-CAkey", files.keyFile, "-copy_extensions", "copyall"];
      const limits = ["-CAcreateserial", "-days", String(days)];
      await openssl(["x509", "-req", "-in", request, "-out", own.certFile, ...signing, ...limits]);
      return read(own);
    },
  };
}

function filesOf(directory: string, name: string): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) };
}

function newKey(name: string, { keyFile }: ReturnType<typeof filesOf>): string[] {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  return [...curve, "-subj", `/CN=${name}`, "-keyout", keyFile];
}

async function read(files: ReturnType<typeof filesOf>): Promise<TestCertificate> {
  const [cert, key] = await Promise.all([readFile(files.certFile, "utf8"), readFile(files.keyFile, "utf8")]);
  return { ...files, cert, key };
}

async function openssl(args: readonly string[]): Promise<void> {
  try {
    await run("openssl", args);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = isMissing ? "there is no openssl on this machine; install it" : String(error);
    throw new Error(`Cannot make certificates for the test: ${reason}`, { cause: error });
  }
}
