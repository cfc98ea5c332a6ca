import { createServer } from "node:http";
import process from "node:process";

import { pause } from "../kit/eventually.ts";

/** The servers behind the pair: each answers with its name, after a moment. Runs until its stdin ends. */
for (const address of process.argv.slice(2)) {
  createServer((_request, response) => {
    void pause(50).then(() => response.end(address));
  }).listen(8080, address);
}
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
process.stdout.write("ready\n");
