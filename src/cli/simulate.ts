import { writeFile } from "node:fs/promises";

import { describeFileFault } from "../control/configuration/named-files.ts";
import type { SimulationResult } from "../data/balance/simulate/simulate.ts";
import { type Arguments, type Command, configOption, type Terminal } from "./command.ts";
import { compare } from "./simulate/compare.ts";
import { noteLate } from "./simulate/notes.ts";
import { plotRanges } from "./simulate/range-plot.ts";
import { formatResults } from "./simulate/result-table.ts";
import { readScenario } from "./simulate/read-scenario.ts";
import type { Scenario } from "./simulate/scenario.ts";
import { drawComparison } from "./simulate/draw-comparison.ts";
import { toJson } from "./simulate/to-json.ts";
import { describeScenario } from "./simulate/words.ts";

const valueOptions =
  "upstream servers requests rate utilisation clients hot burst log latency slots slow failing cold retries ejection slow-start seed plot".split(
    " ",
  );

/** Compares the policies on modelled servers. */
export const simulate: Command = {
  name: "simulate",
  summary: "compare the policies on modelled servers or on a recorded log",
  help: `Usage: headgate simulate [-c FILE] [--upstream NAME | --servers N] [options]

Runs the same requests through every policy, by the code that balances real ones, against servers that are modelled: those
of an upstream of the configuration, with its weights, maxConnections, retries, slow start and passive health, or N equal
ones. Prints response times, errors and how evenly the requests went round. The same seed gives the same numbers.

Options:
  -c, --config FILE          the configuration; default config.yaml
      --upstream NAME        which upstream of it; needed where it has several
      --servers N            so many equal servers instead of a configuration
      --policy NAME          only this policy; may be repeated, or a list with commas between

  How requests come:
      --requests N           how many; default 200000, or a thousand a server, or as many as the log has
      --rate R/s             so many a second
      --utilisation SHARE    or this share of what the servers can do while all are well; default 70%
      --clients N            from so many clients; default 10000
      --hot SHARE            and this share of them from one client more
      --burst N              so many at the same moment
      --log FILE             as in this access log, written by Headgate as JSON; it also has the service times

  What servers are like:
      --latency SPREAD       how long they work on a request; default lognormal:20ms,0.5 (median, sigma)
                             or exponential:20ms (mean), constant:20ms, pareto:5ms,2.5 (least, shape)
      --slots N              how many requests one works on at once, the others wait; default 16
      --slow NxFACTOR        the first N take so many times as long; default factor 5
      --failing N            the next N fail half of their requests, at once
      --cold N               the next N come up after 10 s, ten times as slow at first, and are warm 20 s later

  What helps (default: as the configuration has it):
      --retries N            attempts beyond the first
      --ejection on|off      whether servers that fail are ejected, as passive health does it
      --slow-start DURATION  how long a server's weight rises after it came up

      --seed N               for other numbers of the same kind; default 1
      --plot FILE.svg        draws the comparison
      --json                 prints it as JSON

Examples:
  headgate simulate -c config.yaml --upstream app
  headgate simulate --servers 10 --slow 1x5 --plot slow.svg
  headgate simulate -c config.yaml --log access.json --policy round-robin,response-time
`,
  options: {
    ...configOption,
    ...Object.fromEntries(valueOptions.map((name) => [name, { type: "string" as const }])),
    policy: { type: "string", multiple: true },
    json: { type: "boolean" },
  },
  operands: [0, 0],
  async run(args, terminal) {
    const scenario = await readScenario(args, terminal);
    const results = compare(scenario, createProgress(scenario, terminal));
    await savePlot(args, scenario, results);
    terminal.print(args.has("json") ? toJson(scenario, results) : describe(scenario, results));
    return 0;
  },
};

/** Who waits for less than this many requests needs no word meanwhile. */
const patienceRequests = 3_000_000;

function createProgress({ policies, requests }: Scenario, { complain }: Terminal): (policy: string) => void {
  let begun = 0;
  if (requests * policies.length < patienceRequests) return () => {};
  return (policy) => complain(`simulating ${policy}, ${++begun} of ${policies.length}\n`);
}

async function savePlot(
  args: Arguments,
  scenario: Scenario,
  results: readonly SimulationResult[],
): Promise<void> {
  const file = args.text("plot");
  if (file === undefined) return;
  try {
    await writeFile(file, drawComparison(scenario, results));
  } catch (error) {
    throw new Error(`Cannot write the plot "${file}": ${describeFileFault(error)}`, { cause: error });
  }
}

function describe(scenario: Scenario, results: readonly SimulationResult[]): string {
  const parts = [
    describeScenario(scenario).join("\n"),
    formatResults(results),
    plotRanges(results),
    [howToRead, ...scenario.notes, ...noteLate(scenario, results)].join("\n"),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const howToRead =
  "How to read it: errors first, then p99; * is the best of its column, for times also what is within 4% of it; an even\n" +
  "balance is only a means; models leave much out, so trust the order of the policies more than the numbers.";
