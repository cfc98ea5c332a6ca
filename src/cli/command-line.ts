import { didYouMean } from "../config/did-you-mean.ts";
import { version } from "../control/version.ts";
import { type Command, type Terminal, UsageError } from "./command.ts";
import { parseArguments } from "./parse-arguments.ts";

/**
 * Runs the command that the arguments name, `run` if none, and resolves with the exit code: 1 where it failed, 2 where
 * the arguments cannot be understood.
 */
export async function runCommandLine(
  commands: readonly Command[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await dispatch(commands, args, terminal);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    terminal.complain(`${error instanceof Error ? error.message : String(error)}\n`);
    if (isUsage) terminal.complain(`Try: headgate ${nameIn(commands, args)}--help\n`);
    return isUsage ? 2 : 1;
  }
}

async function dispatch(
  commands: readonly Command[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const [first = ""] = args;
  if (versionWords.has(first)) return say(terminal, `headgate ${version}\n`);
  if (helpWords.has(first)) return help(commands, args[1], terminal);
  const isNamed = first !== "" && !first.startsWith("-");
  const command = findCommand(commands, isNamed ? first : "run");
  const parsed = parseArguments(command, isNamed ? args.slice(1) : args);
  if (parsed.has("help")) return say(terminal, command.help);
  return command.run(parsed, terminal);
}

const versionWords = new Set(["--version", "-v", "version"]);

const helpWords = new Set(["--help", "-h", "help"]);

function findCommand(commands: readonly Command[], name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const near = didYouMean(
    name,
    shown(commands).map((command) => command.name),
  );
  throw new UsageError(
    `There is no command "${name}"${near === undefined ? "" : `, did you mean "${near}"?`}`,
  );
}

function help(commands: readonly Command[], topic: string | undefined, terminal: Terminal): number {
  if (topic !== undefined) return say(terminal, findCommand(commands, topic).help);
  const lines = shown(commands).map(({ name, summary = "" }) => `  ${name.padEnd(10)} ${summary}`);
  return say(terminal, `${intro}\n${lines.join("\n")}\n\n${outro}`);
}

function say(terminal: Terminal, text: string): number {
  terminal.print(text);
  return 0;
}

function shown(commands: readonly Command[]): Command[] {
  return commands.filter(({ summary }) => summary !== undefined);
}

function nameIn(commands: readonly Command[], [first = ""]: readonly string[]): string {
  return commands.some(({ name }) => name === first) ? `${first} ` : "";
}

const intro = `headgate ${version}: an HTTP edge proxy and load balancer

Usage: headgate [COMMAND] [options]

Commands:`;

const outro = `  COMMAND --help says more about a command; --version prints the version.

Examples:
  headgate demo                      see it work: three toy servers and the proxy
  headgate check -c config.yaml      find every mistake in a configuration
  headgate -c config.yaml --watch    run it, and reload it when it changes
`;
