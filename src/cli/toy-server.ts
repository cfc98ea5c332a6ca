import { handleSignals, whenParentEnds } from "../control/signals.ts";
import type { Command } from "./command.ts";
import { startToyServer } from "./demo/toy-server.ts";

/** One of the demo's servers, in a process of its own so that it can be killed; not shown in the help. */
export const toyServer: Command = {
  name: "toy-server",
  help: "Usage: headgate toy-server NAME PORT [--delay MS]\n\nOne of the servers of `headgate demo`.\n",
  options: { delay: { type: "string" } },
  operands: [2, 2],
  run(args) {
    const [name = "", port = ""] = args.operands;
    startToyServer({ name, port: Number(port), delayMs: Number(args.text("delay") ?? 0) });
    return new Promise((resolve) => {
      const end = () => resolve(0);
      handleSignals({ stop: end, abort: end, reload: () => {} });
      whenParentEnds(end); // or a demo that is killed would leave us behind, on our port
    });
  },
};
