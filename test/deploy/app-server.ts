import { createServer, type ServerResponse } from "node:http";
import process from "node:process";

import { pause } from "../kit/eventually.ts";

/** `app-server.ts DELAY_MS ADDRESS…`: servers that answer with their address, after a moment, until stdin ends. */
const [delayMs, ...addresses] = process.argv.slice(2);
for (const address of addresses) {
  createServer((request, response) => {
    void (request.url === "/long" ? stream(response) : answer(response, address));
  }).listen(8080, address);
}
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
process.stdout.write("ready\n");

async function answer(response: ServerResponse, address: string): Promise<void> {
  await pause(Number(delayMs));
  response.end(address);
}

/** 640 KiB in four seconds: more than TCP sends without hearing from the client. */
async function stream(response: ServerResponse): Promise<void> {
  for (let count = 0; count < 40; count++) {
    response.write("x".repeat(16_384));
    await pause(100);
  }
  response.end();
}
