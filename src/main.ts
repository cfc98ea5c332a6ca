#!/usr/bin/env bun
import process from "node:process";

import { check } from "./cli/check.ts";
import { runCommandLine } from "./cli/command-line.ts";
import { convert } from "./cli/convert.ts";
import { demo } from "./cli/demo.ts";
import { drain } from "./cli/drain.ts";
import { explain } from "./cli/explain.ts";
import { health } from "./cli/health.ts";
import { reload } from "./cli/reload.ts";
import { run } from "./cli/run.ts";
import { schema } from "./cli/schema.ts";
import { simulate } from "./cli/simulate.ts";
import { status } from "./cli/status.ts";
import { toyServer } from "./cli/toy-server.ts";
import { undrain } from "./cli/undrain.ts";

/** The commands in the order of the help. */
const commands = [
  run,
  check,
  explain,
  simulate,
  demo,
  status,
  drain,
  undrain,
  reload,
  health,
  schema,
  convert,
  toyServer,
];

const exitCode = await runCommandLine(commands, process.argv.slice(2), {
  env: process.env,
  print: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
});
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
