import { readFileSync } from "node:fs";
import { join } from "node:path";

import {
  DockerfileParser,
  type Instruction,
  type ModifiableInstruction,
  type PropertyInstruction,
} from "dockerfile-ast";

export const root = join(import.meta.dirname, "../..");

/** What `docker build -f` is given. */
export const dockerfile = "deploy/docker/Dockerfile";

/** One instruction, in the words of the file. */
export interface Step {
  readonly keyword: string;
  /** Line in the file, from 1. */
  readonly line: number;
  /** Its words; of the JSON form, what stands in the list. */
  readonly words: readonly string[];
  /** Whether the words are a list in JSON: run as they are, without a shell. */
  readonly isExact: boolean;
  readonly flags: Readonly<Record<string, string>>;
  /** Of ENV, LABEL and ARG. */
  readonly values: Readonly<Record<string, string>>;
}

/** From one FROM to the next. */
export interface Stage {
  readonly name: string;
  /** The image that it begins with, with the defaults of ARGs filled in. */
  readonly base: string;
  readonly steps: readonly Step[];
}

/** The stages of our Dockerfile, in order. */
export function readStages(): readonly Stage[] {
  const parsed = DockerfileParser.parse(readFileSync(join(root, dockerfile), "utf8"));
  const steps = parsed.getInstructions().map(toStep);
  const starts = steps.flatMap(({ keyword }, index) => (keyword === "FROM" ? [index] : []));
  const defaults = valuesOf(steps.slice(0, starts[0]), "ARG");
  return starts.map((start, index) => {
    const [base = "", , name = "final"] = steps[start]?.words ?? [];
    const filled = base.replace(/\$\{(\w+)\}/g, (_, variable: string) => defaults[variable] ?? "");
    return { name, base: filled, steps: steps.slice(start + 1, starts[index + 1]) };
  });
}

/** The values of all steps of a kind, the later before the earlier. */
export function valuesOf(steps: readonly Step[], keyword: string): Readonly<Record<string, string>> {
  return Object.assign({}, ...steps.filter((step) => step.keyword === keyword).map(({ values }) => values));
}

/** The last step of a kind: the one that counts. */
export function lastOf(stage: Stage, keyword: string): Step {
  const step = stage.steps.findLast((one) => one.keyword === keyword);
  if (step === undefined) throw new Error(`The stage "${stage.name}" has no ${keyword}`);
  return step;
}

function toStep(instruction: Instruction): Step {
  const words = instruction.getArguments().map((argument) => argument.getValue());
  const list = listIn(instruction);
  return {
    keyword: instruction.getKeyword(),
    line: instruction.getRange().start.line + 1,
    words: list ?? words,
    isExact: list !== undefined,
    flags: flagsOf(instruction),
    values: propertiesOf(instruction),
  };
}

/** What stands in the brackets: of RUN, ENTRYPOINT and the like, or behind the CMD of a HEALTHCHECK. */
function listIn(instruction: Instruction): readonly string[] | undefined {
  const list = /^(?:[^[]*\bCMD\s+)?(\[.*\])$/s.exec(instruction.getArgumentsContent() ?? "")?.[1];
  return list === undefined ? undefined : (JSON.parse(list) as string[]);
}

function flagsOf(instruction: Instruction): Record<string, string> {
  const { getFlags } = instruction as Instruction & Partial<Pick<ModifiableInstruction, "getFlags">>;
  const flags = getFlags?.call(instruction) ?? [];
  return Object.fromEntries(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""]));
}

function propertiesOf(instruction: Instruction): Record<string, string> {
  const { getProperties } = instruction as Instruction & Partial<Pick<PropertyInstruction, "getProperties">>;
  const properties = getProperties?.call(instruction) ?? [];
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? ""]));
}
