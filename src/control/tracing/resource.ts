import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";
import { writeAttributes } from "../../data/trace/span.ts";
import type { Host } from "../../runtime/host.ts";
import { version } from "../version.ts";

/** Names this run of the program: another start is another instance. */
const instance = randomUUID();

/** The JSON before and behind a list of spans, which says of whom they are. */
export function frameOf(service: string, { name, version: runtimeVersion }: Host): readonly [string, string] {
  const attributes = writeAttributes({
    "service.name": service,
    "service.version": version,
    "service.instance.id": instance,
    "host.name": hostname(),
    "process.pid": process.pid,
    "process.runtime.name": name,
    "process.runtime.version": runtimeVersion,
  });
  const frame = JSON.stringify({
    resourceSpans: [
      { resource: { attributes }, scopeSpans: [{ scope: { name: "headgate", version }, spans: [] }] },
    ],
  });
  const at = frame.lastIndexOf("[]") + 1;
  return [frame.slice(0, at), frame.slice(at)];
}
