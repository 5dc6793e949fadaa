import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/** ARGV: source, and the states. Returns how long it is until the next event is due, whether events have no index, the paused names, and for each name the counts. */
export const statsScript: Script = scriptOf(
  "stats",
  [],
  `
local source = ARGV[1]
local first = call("ZRANGE", of(source, "due"), 0, 0, "WITHSCORES")[2]
local names = {}
for i, name in ipairs(call("SMEMBERS", of(source, "names"))) do
  names[i] = { name }
  for at = 2, #ARGV do names[i][at] = call("ZCARD", named(source, "in:" .. ARGV[at], name)) end
end
return { first and tonumber(first) - now() or false, call("EXISTS", of(source, "unindexed")), call("SMEMBERS", of(source, "paused")), names }
`,
  REPEATABLE,
);

/** How many hours one call of {@link hoursScript} reads. */
const HOURS_STEP = 2_000;

/** ARGV: source, sinceMs, untilMs and bucketMs, in whole hours, and where to go on. Returns where to continue, or false, and of each bucket the time and the counts. */
export const hoursScript: Script = scriptOf(
  "hours",
  [],
  `
local source, since, till, width = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first, HOUR = tonumber(ARGV[5]), 3600000
-- Nothing came before the oldest event, give or take a day by which the clock may have been set back.
local oldest = call("ZRANGE", of(source, "all"), 0, 0)[1]
if not oldest then return { false } end
-- When its time was edited, all hours are read.
local oldestAt = num(fieldsOf(oldest, "receivedAtMs")[1], first)
first = math.max(first, math.floor(oldestAt / HOUR - 24) * HOUR)
local last = math.min(till, first + ${HOURS_STEP} * HOUR)
local buckets, result = {}, { last < till and last or false }
for hour = first, last - 1, HOUR do
  local at = string.format("%d:", hour)
  local counts = call("HMGET", of(source, "hours"), at .. "received", at .. "done", at .. "dead", at .. "duplicates")
  if counts[1] then
    local start = hour - (hour - since) % width
    local bucket = buckets[start]
    if not bucket then
      bucket = { start, 0, 0, 0, 0 }
      buckets[start] = bucket
      result[#result + 1] = bucket
    end
    for i = 1, 4 do bucket[i + 1] = bucket[i + 1] + num(counts[i], 0) end
  end
end
return result
`,
  REPEATABLE,
);

/** How many events one call of {@link timelineScript} counts. */
const TIMELINE_STEP = 1_000;

/** ARGV: source, sinceMs, untilMs, bucketMs, from when on to count, and the number to go on after. Returns where to continue, or false, and of each bucket the time and the counts. */
export const timelineScript: Script = scriptOf(
  "timeline",
  ["reading"],
  `
local source, since, till, width = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local first = tonumber(ARGV[5])
local from = ARGV[6] and "(" .. ARGV[6] or seqAt(source, first)
if not from then return { false } end
local found = call("ZRANGEBYSCORE", of(source, "all"), from, "+inf", "WITHSCORES", "LIMIT", 0, ${TIMELINE_STEP})
local buckets, result = {}, { #found == ${2 * TIMELINE_STEP} and found[#found] or false }
for i = 1, #found, 2 do
  local known = fieldsOf(found[i], "receivedAtMs", "state", "duplicates")
  local at, state = num(known[1], -1), known[2]
  if at >= till then
    result[1] = false
    break
  end
  if at >= first and state ~= "rejected" then
    local start = at - (at - since) % width
    local bucket = buckets[start]
    if not bucket then
      bucket = { start, 0, 0, 0, 0 }
      buckets[start] = bucket
      result[#result + 1] = bucket
    end
    bucket[2] = bucket[2] + 1
    if state == "done" then bucket[3] = bucket[3] + 1 elseif state == "dead" then bucket[4] = bucket[4] + 1 end
    bucket[5] = bucket[5] + num(known[3], 0)
  end
end
return result
`,
  REPEATABLE,
);
