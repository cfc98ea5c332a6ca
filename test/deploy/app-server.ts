import { createServer } from "node:http";
import process from "node:process";

import { pause } from "../kit/eventually.ts";

/** `app-server.ts DELAY_MS ADDRESS…`: servers that answer with their address, after a moment, until stdin ends. */
const [delayMs, ...addresses] = process.argv.slice(2);
for (const address of addresses) {
  createServer((_request, response) => {
    void pause(Number(delayMs)).then(() => response.end(address));
  }).listen(8080, address);
}
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
process.stdout.write("ready\n");
