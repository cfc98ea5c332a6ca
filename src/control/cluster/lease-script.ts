import { createScript } from "./script.ts";

/** A longer lease is not ours, characters: 128 nodes fit. */
const longestLease = 16_384;

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
  local text = redis.pcall('GETRANGE', key, 0, ${longestLease})
  if type(text) ~= 'string' or #text > ${longestLease} then return nil end
  local owed, others = string.match(text, '^(%d+);'), {}
  if not owed and text ~= '' then return nil end
  for name, asked, part, level, given in string.gmatch(text, '([^ ;]+) ([%d.]+) ([%d.]+) (-?[%d.]+) (%d+);') do
    asked, part, level, given = tonumber(asked), tonumber(part), tonumber(level), tonumber(given)
    if name ~= me and asked and part and level and given and given <= now and now - given < term then
      others[#others + 1] = { name = name, asked = asked, part = part, level = level, given = given }
    end
  end
  return tonumber(owed or '0'), others
end

local function write(key, owed, holders)
  local text = whole(owed) .. ';'
  for _, one in ipairs(holders) do
    text = text .. string.format('%s %.6f %.6f %.6f %.0f;', one.name, one.asked, one.part, one.level, one.given)
  end
  redis.call('SET', key, text, 'PX', math.ceil((math.max(0, owed - now) + term) / 1000))
end

local reply = {}
for index, key in ipairs(KEYS) do
  local at = 3 + (index - 1) * 5
  local interval, burst = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local passed, asked, since = tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local owed, others = read(key)
  local level, part = -1, 0
  if owed then
    local rate = 1e6 / interval
    local most = now + 2 * burst + 2e6
    if owed > most then owed = now end
    owed = math.min(math.max(owed, now - since) + passed * interval, most)
    local left = (burst - math.max(0, owed - now)) / interval
    for _, other in ipairs(others) do
      local gained = other.part * rate * (now - other.given) / 1e6
      left = left - math.min(math.max(0, other.level + gained), other.part * burst / interval)
    end
    part = math.max(0.001, math.min(1, partOf(asked, others, rate)))
    level = left * part
    others[#others + 1] = { name = me, asked = asked, part = part, level = level, given = now }
    write(key, owed, others)
  end
  reply[#reply + 1] = math.floor(level * 1000)
  reply[#reply + 1] = math.floor(part * 65536)
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
