import type { Predecessor } from "./namesake.ts";
import { createScript, storeClock } from "./script.ts";

/** More nodes than this are not heard. */
export const mostNodes = 128;

/** A longer report is not heard, characters: ten thousand servers fit. */
export const longestReport = 1_048_576;

/** All of them together are not longer than this, characters. */
const longestReply = 16 * longestReport;

/**
 * Puts down what this node says, and gives what the others last said, with its age. Who has said nothing for long is
 * taken out; the key goes when nobody writes any more.
 *
 * KEYS: the reports by node. ARGV: this node, its instance, its report, after how many ms a silent node is forgotten.
 * Gives the instance that wrote under our name before and how long ago that was, how many values are not ours, and then
 * node, age, when it was written, instance and report of each of the others.
 */
export const reportScript = createScript(`${storeClock}
local key, me, keep = KEYS[1], ARGV[1], tonumber(ARGV[4])
local function read(node)
  if redis.call('HSTRLEN', key, node) > ${longestReport} or #node > 256 then return nil end
  local seen, instance, report = string.match(redis.call('HGET', key, node) or '', '^(%d+) ([%w_-]+) (.*)$')
  if not seen or #seen > 15 then return nil end
  return math.max(0, now - tonumber(seen)), instance, report
end
local age, instance = read(me)
local reply = { instance or '', age and whole(age) or '', 0 }
redis.call('HSET', key, me, whole(now) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
redis.call('PEXPIRE', key, keep)
if redis.call('HLEN', key) > ${mostNodes} then
  reply[3] = redis.call('HLEN', key) - 1
  return reply
end
local room = ${longestReply}
for _, node in ipairs(redis.call('HKEYS', key)) do
  if node ~= me then
    local age, instance, report = read(node)
    room = room - #(report or '')
    if not age or room < 0 then
      reply[3] = reply[3] + 1
    elseif age > keep then
      redis.call('HDEL', key, node)
    else
      for _, part in ipairs({ node, whole(age), whole(now - age), instance, report }) do reply[#reply + 1] = part end
    end
  end
end
return reply`);

/** What another node last said. */
export interface HeardReport {
  readonly node: string;
  /** By the store's clock. */
  readonly ageMs: number;
  /** When it was written: the same as long as it is the same report. */
  readonly writtenAt: string;
  readonly instance: string;
  readonly report: string;
}

/** What the script gives. */
export interface ReportReply {
  readonly predecessor: Predecessor;
  /** How many values are no reports. */
  readonly foreign: number;
  readonly others: readonly HeardReport[];
}

/** Reads what the script gives. */
export function readReportReply(reply: unknown): ReportReply {
  const [instance = "", ageMs = "", foreign = 0, ...rest] = reply as readonly (string | number)[];
  const others = Array.from({ length: Math.floor(rest.length / 5) }, (_, index): HeardReport => {
    const [node = "", age = "", writtenAt = "", by = "", report = ""] = rest
      .slice(5 * index, 5 * index + 5)
      .map(String);
    return { node, ageMs: Number(age), writtenAt, instance: by, report };
  });
  return {
    predecessor: { instance: String(instance), ageMs: Number(ageMs) },
    foreign: Number(foreign),
    others,
  };
}

/**
 * Takes a node that stops out, unless another process writes under its name.
 *
 * KEYS: the reports by node. ARGV: this node, its instance.
 */
export const leaveScript = createScript(`
local report = redis.call('HSTRLEN', KEYS[1], ARGV[1]) <= ${longestReport} and redis.call('HGET', KEYS[1], ARGV[1]) or ''
if string.match(report, '^%d+ ([%w_-]+) ') == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0`);
