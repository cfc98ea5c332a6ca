import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import type { ClientTls } from "../../runtime/client.ts";
import type { KubernetesAccess } from "./access.ts";
import { createFreshFile } from "./fresh-file.ts";
import { parseApiUrl } from "./parse-api-url.ts";

type Block = Readonly<Record<string, unknown>>;

/** A block of a kubeconfig, and the directory that its file names count from. */
interface Placed {
  readonly block: Block;
  readonly directory: string;
}

/** The parts that the current context points to. */
interface Context {
  readonly name: string;
  readonly namespace: string;
  readonly cluster: Placed;
  readonly user: Placed;
}

/**
 * Reads the current context of kubeconfig files, the first of which goes before the others. Throws an error that says what
 * is missing, or what of it cannot be used here: programs that make tokens (`exec`, `auth-provider`) are not run.
 */
export async function accessByKubeconfig(files: readonly string[]): Promise<KubernetesAccess> {
  const named = files.filter((file) => file !== "");
  const documents = await Promise.all(named.map(readDocument));
  const origin = `the kubeconfig ${named.map((file) => `"${file}"`).join(", ")}`;
  const context = contextOf(documents, origin);
  const where = `the context "${context.name}" of ${origin}`;
  refusePlugins(context.user.block, where);
  const readToken = tokenOf(context.user);
  return {
    origin: where,
    url: parseApiUrl(textAt(context.cluster.block, "server"), where),
    namespace: context.namespace,
    tls: () => tlsOf(context),
    token: readToken,
  };
}

async function readDocument(file: string): Promise<Placed> {
  const document = parse(await readFile(file, "utf8")) as unknown;
  return { block: blockOf(document), directory: dirname(resolve(file)) };
}

function contextOf(documents: readonly Placed[], origin: string): Context {
  const name = documents.map(({ block }) => textAt(block, "current-context")).find((text) => text !== "");
  if (name === undefined) throw new Error(`Cannot use ${origin}: it names no current-context`);
  const find = (list: string, kind: string, wanted: string): Placed => {
    const found = entryIn(documents, list, wanted);
    if (!found) throw new Error(`Cannot use ${origin}: it has no ${kind} "${wanted}"`);
    return { block: blockOf(found.block[kind]), directory: found.directory };
  };
  const { block } = find("contexts", "context", name);
  return {
    name,
    namespace: textAt(block, "namespace") || "default",
    cluster: find("clusters", "cluster", textAt(block, "cluster")),
    user: find("users", "user", textAt(block, "user")),
  };
}

function entryIn(documents: readonly Placed[], list: string, name: string): Placed | undefined {
  return documents
    .flatMap(({ block, directory }) => {
      const entries = Array.isArray(block[list]) ? (block[list] as unknown[]) : [];
      return entries.map((entry): Placed => ({ block: blockOf(entry), directory }));
    })
    .find(({ block }) => block["name"] === name);
}

function refusePlugins(user: Block, where: string): void {
  const plugin = ["exec", "auth-provider"].find((key) => user[key] !== undefined);
  if (plugin !== undefined)
    throw new Error(
      `Cannot use ${where}: its user gets a token by a program (${plugin}), and we run none; ` +
        "make a token for a service account with `kubectl create token`, and give a tokenFile",
    );
  if (user["username"] !== undefined)
    throw new Error(`Cannot use ${where}: its user has a password, which API servers no longer take`);
}

/** A file goes before a text, since it may be renewed. */
function tokenOf({ block, directory }: Placed): KubernetesAccess["token"] {
  const file = textAt(block, "tokenFile");
  if (file !== "") return createFreshFile(resolve(directory, file));
  return async () => textAt(block, "token") || undefined;
}

async function tlsOf({ cluster, user }: Context): Promise<ClientTls> {
  const [ca, cert, key] = await Promise.all([
    dataOf(cluster, "certificate-authority"),
    dataOf(user, "client-certificate"),
    dataOf(user, "client-key"),
  ]);
  const serverName = textAt(cluster.block, "tls-server-name");
  return {
    verify: cluster.block["insecure-skip-tls-verify"] !== true,
    ...(ca && { ca }),
    ...(cert && key && { cert, key }),
    ...(serverName && { serverName }),
  };
}

/** What stands in the block itself as base64, or in the file that it names. */
async function dataOf({ block, directory }: Placed, key: string): Promise<string | undefined> {
  const data = textAt(block, `${key}-data`);
  if (data !== "") return Buffer.from(data, "base64").toString("utf8");
  const file = textAt(block, key);
  return file === "" ? undefined : readFile(resolve(directory, file), "utf8");
}

function blockOf(value: unknown): Block {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Block) : {};
}

function textAt(block: Block, key: string): string {
  const value = block[key];
  return typeof value === "string" ? value : "";
}
