/** What a command may do to the outside. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes to stdout. */
  readonly print: (text: string) => void;
  /** Writes to stderr. */
  readonly complain: (text: string) => void;
}

/** An option as it is written on the command line. */
export interface OptionSpec {
  /** `string` takes a value; of a `multiple` one all values count. */
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: boolean;
}

/** What was written behind a command's name. */
export interface Arguments {
  readonly text: (option: string) => string | undefined;
  readonly texts: (option: string) => readonly string[];
  readonly has: (option: string) => boolean;
  readonly operands: readonly string[];
}

/** One command of the program. */
export interface Command {
  readonly name: string;
  /** What it does, in a few words; a command without is not shown. */
  readonly summary?: string;
  /** What `--help` prints: usage, options, examples. */
  readonly help: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** How many arguments it takes besides options. */
  readonly operands: readonly [least: number, most: number];
  /** Resolves with the exit code. What it throws is one line on stderr and exit code 1. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number>;
}

/** The command line cannot be understood: exit code 2. */
export class UsageError extends Error {}

/** The option that most commands have. */
export const configOption = { config: { type: "string", short: "c" } } as const;

/** The configuration that was named, or the one that lies here. */
export function configFile(args: Arguments): string {
  return args.text("config") ?? "config.yaml";
}
