import process from "node:process";

const cap = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/**
 * Starts this process anew with Bun's cap of 256 concurrent outgoing requests lifted; does nothing where that is done
 * already, or on another runtime.
 *
 * Bun reads the variable once, when the process starts, and a worker's environment does not count; so the process
 * replaces itself, keeping its id, its open files and its arguments. Call it before anything else has begun.
 */
export function liftRequestCap(): void {
  if (process.versions["bun"] === undefined || process.env[cap] !== undefined) return;
  if (typeof process.execve !== "function") return;
  const { file, args } = selfCommand(process.argv.slice(2));
  process.execve(file, [file, ...args], { ...presentOnly(process.env), [cap]: "65535" });
}

/** How this very program is started with other arguments: from source on either runtime, or as a binary. */
export function selfCommand(args: readonly string[]): {
  readonly file: string;
  readonly args: readonly string[];
} {
  return { file: process.execPath, args: [...runtimeArgs(), ...args] };
}

/** Whether the program is a compiled binary, whose modules live inside it. */
export function isCompiled(): boolean {
  return import.meta.url.startsWith("file:///$bunfs/") || import.meta.url.startsWith("file:///B:/~BUN/");
}

/** A binary takes the arguments alone; a runtime wants its own options and the program's file before them. */
function runtimeArgs(): readonly string[] {
  if (isCompiled()) return [];
  const [, main = ""] = process.argv;
  if (process.versions["deno"] === undefined) return [...process.execArgv, main];
  return ["run", "-A", "--no-check", "--quiet", "--unstable-net", "--unstable-no-legacy-abort", main];
}

function presentOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
