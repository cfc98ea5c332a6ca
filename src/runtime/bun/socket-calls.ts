import { dlopen, ptr } from "bun:ffi";

import { canSteer, libraryNames, openDescriptors, type SocketCalls } from "../steer-connections.ts";

const signatures = {
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
} as const;

/** The C library's calls by Bun's own interface to it; undefined where there are none that we know. */
export function loadBunSocketCalls(): SocketCalls | undefined {
  if (!canSteer()) return undefined;
  for (const name of libraryNames) {
    try {
      return toSocketCalls(dlopen(name, signatures).symbols);
    } catch {
      continue; // another C library
    }
  }
  return undefined;
}

function toSocketCalls(symbols: ReturnType<typeof dlopen<typeof signatures>>["symbols"]): SocketCalls {
  return {
    descriptors: openDescriptors,
    getName: (socket, into) => symbols.getsockname(socket, into, Uint32Array.of(into.length)),
    getOption: (socket, [level, name], into) =>
      symbols.getsockopt(socket, level, name, into, Uint32Array.of(into.length)),
    setOption: (socket, [level, name], value) => symbols.setsockopt(socket, level, name, value, value.length),
    addressOf: (bytes) => BigInt(ptr(bytes)),
  };
}
