/** One thing that is wrong with a configuration, and where. */
export type Problem = {
  /** The name of the file as it was given. */
  readonly file: string;
  /** From 1; 0 when the configuration is not a text. */
  readonly line: number;
  /** From 1; 0 when the configuration is not a text. */
  readonly column: number;
  /** Such as `upstreams.app.servers[1].weight`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, and what is allowed. */
  readonly message: string;
};

/** The keys and indices from the root to a value. */
export type Path = readonly (string | number)[];

/** A problem before it has a position. */
export type Finding = {
  readonly path: Path;
  /** What the position points at: the value, its key, or the first line of the block around a missing key. */
  readonly at: "value" | "key" | "block";
  /** The message; `shown` is the value in quotes, or what stands for it when it is secret. */
  readonly tell: (shown: string) => string;
};

type Tell = Finding["tell"];

/** A finding about a value. */
export function atValue(path: Path, tell: Tell): Finding {
  return { path, at: "value", tell };
}

/** A finding about a key. */
export function atKey(path: Path, message: string): Finding {
  return { path, at: "key", tell: () => message };
}

/** A finding about a key that is missing from its block. */
export function atBlock(path: Path, message: string): Finding {
  return { path, at: "block", tell: () => message };
}

/** One line: `file:line:column  path  what is wrong: what is allowed`. */
export function describeProblem({ file, line, column, path, message }: Problem): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return [place, path, message].filter((part) => part !== "").join("  ");
}

/** The path as text: `upstreams.app.servers[1]`; a key with other characters stands as `["a.b"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => text + formatPart(part, text === ""), "");
}

function formatPart(part: string | number, isFirst: boolean): string {
  if (typeof part === "number") return `[${part}]`;
  if (!/^[\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
  return isFirst ? part : `.${part}`;
}
