/** What the store said, or did not say, in words for people; foreign text is cut, and secrets are taken out. */
export function describeStoreFault(error: unknown, secrets: readonly string[]): string {
  const { code = "", message = String(error) } = error as { code?: string; message?: string };
  const known = byCode[code] ?? byAnswer.find(([start]) => message.startsWith(start))?.[1];
  return known ?? withoutSecrets(plain(message), secrets);
}

/** The store has something under our key that is not ours: the key is left alone, and the store is well. */
export function isForeignKey(error: unknown): boolean {
  return error instanceof Error && /\bWRONGTYPE\b/.test(error.message);
}

/** The store forgot a script, such as by a restart. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ENOTFOUND: "its name cannot be resolved",
  EAI_AGAIN: "its name cannot be resolved",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
  ETIMEDOUT: "no answer in time",
  EHOSTUNREACH: "no way to its address",
  ENETUNREACH: "no way to its address",
};

const byAnswer: readonly (readonly [string, string])[] = [
  ["WRONGPASS", "it does not accept the user and password"],
  ["NOAUTH", "it wants a password"],
  ["ERR AUTH", "it does not accept the user and password"],
  ["NOPERM", "its user may not do that: see the permissions in docs/cluster.md"],
  ["OOM", "it is full"],
  ["LOADING", "it is loading its data"],
  ["READONLY", "it is a replica, and takes no writes"],
  ["MISCONF", "it takes no writes, because it cannot save them"],
  ["MOVED", "it is a Redis Cluster, and cluster.store wants one server"],
  ["Socket closed", "it closed the connection"],
  ["Disconnects client", "it closed the connection"],
  ["Connection timeout", "no answer in time"],
];

const longestText = 160;

function plain(message: string): string {
  return message.replaceAll(/[^\u0020-\u007e]+/g, " ").slice(0, longestText);
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== "")
    .reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
