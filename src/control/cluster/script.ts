import { createHash } from "node:crypto";

/** A program that the store runs as one step, nothing else in between. */
export interface Script {
  readonly text: string;
  /** By this name the store knows it once it has seen it. */
  readonly sha1: string;
}

/** Prepares a script in Lua, as Redis and Valkey run it. */
export function createScript(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/**
 * The store's clock in whole ms, in Lua, and how it is written: numbers of that size would otherwise lose their last
 * digits. Ages are told by this clock alone, so that those of the nodes may differ.
 */
export const storeClock = `
local function whole(number) return string.format('%.0f', number) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;
