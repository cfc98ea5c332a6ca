import { createScript, storeClock } from "./script.ts";

/** A longer entry is not ours, characters. */
export const longestEntry = 4_096;

/** So many entries are read by one call, and as many written. */
export const ledgerPage = 256;

/**
 * Puts down entries where they are newer than what stands there, and gives those that changed since a revision. Of two
 * entries the one with the higher count is newer; of two with the same, that of the node whose name comes later.
 *
 * KEYS: entries by name, names by the revision of their last change. ARGV: the revision from which on to read, for how
 * many ms all of it is kept, the most entries that are, and then name, count, node, ms until it ends (0 = never) and
 * payload of each new entry. Gives the revision to go on from, whether there is more, whether what we knew is gone, how
 * many values are not ours, and then name, count, node, ms until its end and payload of each entry that was read.
 */
export const ledgerScript = createScript(`${storeClock}
local entries, log = KEYS[1], KEYS[2]
local kinds = { redis.call('TYPE', entries).ok, redis.call('TYPE', log).ok }
if (kinds[1] ~= 'hash' and kinds[1] ~= 'none') or (kinds[2] ~= 'zset' and kinds[2] ~= 'none') then
  return redis.error_reply('WRONGTYPE a key of ours is not ours')
end
local since, keep, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local function read(name)
  if redis.call('HSTRLEN', entries, name) > ${longestEntry} or #name > ${longestEntry} then return nil end
  local count, node, ends, payload = string.match(redis.call('HGET', entries, name) or '', '^(%d+) (%S+) (%d+) (.*)$')
  if not count or #count > 15 or #ends > 15 then return nil end
  return tonumber(count), node, tonumber(ends), payload
end
local last = tonumber(redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')[2] or '0')
local isGone = last < since
if isGone then since = 0 end
for at = 4, #ARGV, 5 do
  local name, count, node, left = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], tonumber(ARGV[at + 3])
  local known, by = read(name)
  if not known or count > known or (count == known and node > by) then
    last = math.max(last, now) + 1
    local ends = left > 0 and whole(now + left) or '0'
    redis.call('HSET', entries, name, whole(count) .. ' ' .. node .. ' ' .. ends .. ' ' .. ARGV[at + 4])
    redis.call('ZADD', log, whole(last), name)
  end
end
local excess = redis.call('ZCARD', log) - most
if excess > 0 then
  for _, name in ipairs(redis.call('ZRANGE', log, 0, excess - 1)) do
    redis.call('HDEL', entries, name)
    redis.call('ZREM', log, name)
  end
end
local changed = redis.call('ZRANGEBYSCORE', log, '(' .. whole(since), '+inf', 'WITHSCORES', 'LIMIT', 0, ${ledgerPage})
local reply = { '', #changed == ${2 * ledgerPage} and 1 or 0, isGone and 1 or 0, 0 }
for at = 1, #changed, 2 do
  local name = changed[at]
  local count, node, ends, payload = read(name)
  since = tonumber(changed[at + 1])
  if not count then
    reply[4] = reply[4] + 1
  elseif ends > 0 and ends <= now then
    redis.call('HDEL', entries, name)
    redis.call('ZREM', log, name)
  else
    local left = ends > 0 and ends - now or 0
    for _, part in ipairs({ name, whole(count), node, whole(left), payload }) do reply[#reply + 1] = part end
  end
end
reply[1] = whole(since)
redis.call('PEXPIRE', entries, keep)
redis.call('PEXPIRE', log, keep)
return reply`);

/** An entry as it stands in the store. */
export interface StoredEntry {
  readonly name: string;
  readonly count: number;
  readonly node: string;
  /** 0 = it does not end. */
  readonly leftMs: number;
  readonly payload: string;
}

/** What the script gives. */
export interface LedgerReply {
  readonly revision: string;
  readonly hasMore: boolean;
  readonly isGone: boolean;
  readonly foreign: number;
  readonly entries: readonly StoredEntry[];
}

/** Reads what the script gives. */
export function readLedgerReply(reply: unknown): LedgerReply {
  const [revision = "0", more = 0, gone = 0, foreign = 0, ...rest] = reply as readonly (string | number)[];
  const entries = Array.from({ length: Math.floor(rest.length / 5) }, (_, index): StoredEntry => {
    const [name = "", count = "", node = "", left = "", payload = ""] = rest
      .slice(5 * index, 5 * index + 5)
      .map(String);
    return { name, count: Number(count), node, leftMs: Number(left), payload };
  });
  return {
    revision: String(revision),
    hasMore: more === 1,
    isGone: gone === 1,
    foreign: Number(foreign),
    entries,
  };
}

/** The arguments of an entry. */
export function entryValues({ name, count, node, leftMs, payload }: StoredEntry): string[] {
  return [name, String(count), node, String(Math.round(leftMs)), payload];
}
