import { createScript } from "./script.ts";

/** So many keys are leased by one call. */
export const leasePage = 256;

/**
 * Books what a node let pass of some keys, and says how much of each it may from now on.
 *
 * What all nodes let pass together is one debt that is paid in time (GCRA), so nothing is lost and nothing counts twice;
 * what a node may is its part of the rate and of what is left. Parts follow what the nodes are asked for: as long as that
 * is less than the rate, each gets what it is asked for and an equal share of the rest; else the rate is shared out so
 * that nobody gets more than he is asked for, and who is short gets no less than anybody else (max-min fairness). A node
 * that is silent for the time of a lease has none.
 *
 * KEYS: one for each key of a limit. ARGV: this node, the time of a lease in ms, and for each key the interval of its law
 * and its burst in µs, how many passed, how many were asked for a second, and since how many µs. Gives for each key how
 * many may pass at once, in thousandths, and the part of the rate, in 65536ths; -1 and 0 where the key is not ours.
 */
export const leaseScript = createScript(`
local function whole(number) return string.format('%.0f', number) end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1e6 + tonumber(time[2])
local me, term = ARGV[1], tonumber(ARGV[2]) * 1000

local function partOf(mine, others, rate)
  local asked, sum = { mine }, mine
  for _, other in ipairs(others) do
    asked[#asked + 1] = other.asked
    sum = sum + other.asked
  end
  if sum <= rate then return (mine + (rate - sum) / #asked) / rate end
  table.sort(asked)
  local left = rate
  for index, wanted in ipairs(asked) do
    local level = left / (#asked - index + 1)
    if wanted > level then return math.min(mine, level) / rate end
    left = left - wanted
  end
  return mine / rate
end

local function read(key)
  local owed, others = 0, {}
  if redis.call('HLEN', key) > 129 then return nil end
  local fields = redis.call('HGETALL', key)
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    if name == 'owed' then
      owed = tonumber(value) or 0
    elseif name ~= me then
      local asked, part, level, given = string.match(value, '^([%d.]+) ([%d.]+) (-?[%d.]+) (%d+)$')
      asked, part, level, given = tonumber(asked), tonumber(part), tonumber(level), tonumber(given)
      if asked and part and level and given and given <= now and now - given < term then
        others[#others + 1] = { asked = asked, part = part, level = level, since = now - given }
      else
        redis.call('HDEL', key, name)
      end
    end
  end
  return owed, others
end

local reply = {}
for index, key in ipairs(KEYS) do
  local at = 3 + (index - 1) * 5
  local interval, burst = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local passed, asked, since = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local kind = redis.call('TYPE', key).ok
  local owed, others
  if kind == 'hash' or kind == 'none' then owed, others = read(key) end
  if not owed then
    reply[#reply + 1] = -1
    reply[#reply + 1] = 0
  else
    local rate = 1e6 / interval
    if not (owed <= now + 2 * burst + 2e6) then owed = now end
    owed = math.min(math.max(owed, now - since) + passed * interval, now + 2 * burst + 2e6)
    local left = (burst - math.max(0, owed - now)) / interval
    for _, other in ipairs(others) do
      left = left - math.max(0, other.level + other.part * rate * other.since / 1e6)
    end
    local part = math.max(0.001, math.min(1, partOf(asked, others, rate)))
    local level = left * part
    redis.call('HSET', key, 'owed', whole(owed),
      me, string.format('%.6f %.6f %.6f %.0f', asked, part, level, now))
    redis.call('PEXPIRE', key, math.ceil((math.max(0, owed - now) + term) / 1000))
    reply[#reply + 1] = math.floor(level * 1000)
    reply[#reply + 1] = math.floor(part * 65536)
  end
end
return reply`);

/** What is asked for one key. */
export interface LeaseRequest {
  readonly intervalUs: number;
  readonly burstUs: number;
  /** How many passed here… */
  readonly passed: number;
  /** …in this time, ms. */
  readonly sinceMs: number;
  readonly askedPerSecond: number;
}

/** What this node may let pass of one key; undefined where the key is not ours. */
export type LeaseAnswer = { readonly level: number; readonly part: number } | undefined;

/** The arguments for one key. */
export function leaseValues({
  intervalUs,
  burstUs,
  passed,
  askedPerSecond,
  sinceMs,
}: LeaseRequest): string[] {
  const numbers = [
    intervalUs,
    burstUs,
    passed,
    Number(askedPerSecond.toFixed(6)),
    Math.round(sinceMs * 1000),
  ];
  return numbers.map(String);
}

/** Reads what the script gives. */
export function readLeases(reply: unknown): LeaseAnswer[] {
  const numbers = reply as readonly number[];
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, index) => {
    const [level = 0, part = 0] = numbers.slice(2 * index, 2 * index + 2);
    return part === 0 ? undefined : { level: level / 1000, part: part / 65_536 };
  });
}
