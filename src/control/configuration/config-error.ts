import { describeProblem, type Problem } from "../../config/problem.ts";

/** A configuration that cannot run, with everything that is wrong; the message has a line for each. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}
