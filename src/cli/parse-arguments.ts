import { parseArgs } from "node:util";

import { didYouMean } from "../config/did-you-mean.ts";
import { type Arguments, type Command, UsageError } from "./command.ts";

type Values = Readonly<Record<string, unknown>>;

/** Reads what was written behind a command's name. Throws a `UsageError` that names the nearest option. */
export function parseArguments(command: Command, args: readonly string[]): Arguments {
  const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false, // its own messages name neither the command nor what was meant
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === "option") checkOption(token, options, command);
  if (values["help"] !== true) checkOperands(positionals, command);
  return toArguments(values, positionals);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function checkOption(
  { name, rawName, value }: OptionToken,
  options: Command["options"],
  command: Command,
): void {
  const spec = options[name];
  if (spec === undefined) throw new UsageError(describeUnknown(rawName, Object.keys(options), command));
  if (spec.type === "string" && value === undefined) throw new UsageError(`${rawName} needs a value`);
  if (spec.type === "boolean" && value !== undefined) throw new UsageError(`${rawName} takes no value`);
}

function describeUnknown(rawName: string, known: readonly string[], { name }: Command): string {
  const near = didYouMean(rawName.replace(/^-+/, ""), known);
  const hint = near === undefined ? "" : `, did you mean --${near}?`;
  return `"${name}" has no option ${rawName}${hint}`;
}

function checkOperands(operands: readonly string[], { name, help, operands: [least, most] }: Command): void {
  if (operands.length < least) throw new UsageError(`"${name}" needs more: ${usageIn(help)}`);
  if (operands.length > most)
    throw new UsageError(`"${name}" does not know what to do with "${operands[most] ?? ""}"`);
}

/** The first line of a command's help, without the word before it. */
function usageIn(help: string): string {
  return help.slice(0, help.indexOf("\n")).replace("Usage: ", "");
}

function toArguments(values: Values, operands: readonly string[]): Arguments {
  const texts = (option: string) =>
    [values[option] ?? []].flat().filter((value) => typeof value === "string");
  return {
    text: (option) => texts(option).at(-1),
    texts,
    has: (option) => values[option] === true,
    operands,
  };
}
