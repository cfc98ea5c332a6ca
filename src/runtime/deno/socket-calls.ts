import { canSteer, libraryNames, openDescriptors, type SocketCalls } from "../steer-connections.ts";

const signatures = {
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const;

/** The C library's calls by Deno's own interface to it; undefined where there are none that we know. */
export function loadDenoSocketCalls(): SocketCalls | undefined {
  if (!canSteer() || Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return undefined;
  for (const name of libraryNames) {
    try {
      return toSocketCalls(Deno.dlopen(name, signatures).symbols);
    } catch {
      continue; // another C library
    }
  }
  return undefined;
}

function toSocketCalls(symbols: Deno.StaticForeignLibraryInterface<typeof signatures>): SocketCalls {
  return {
    descriptors: openDescriptors,
    getName: (socket, into) => symbols.getsockname(socket, asBuffer(into), Uint32Array.of(into.length)),
    getOption: (socket, [level, name], into) =>
      symbols.getsockopt(socket, level, name, asBuffer(into), Uint32Array.of(into.length)),
    setOption: (socket, [level, name], value) =>
      symbols.setsockopt(socket, level, name, asBuffer(value), value.length),
    addressOf: (bytes) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(asBuffer(bytes))),
  };
}

/** Deno's types leave shared memory out, which none of this is. */
function asBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
