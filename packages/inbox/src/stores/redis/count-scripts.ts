import { SEARCH } from "./list-scripts.ts";
import { type Script, scriptOf } from "./script.ts";

/** ARGV: source. Returns the counts by state and name, when the next event is due, the paused names, and how many events have no index. */
export const statsScript: Script = scriptOf(
  "stats",
  `
local source, first = ARGV[1], nil
local sets = { of(source, "leased") }
for _, name in ipairs(redis.call("SMEMBERS", of(source, "names"))) do sets[#sets + 1] = of(source, "waiting:" .. name) end
for _, set in ipairs(sets) do
  local at = tonumber(redis.call("ZRANGE", set, 0, 0, "WITHSCORES")[2])
  if at and (not first or at < first) then first = at end
end
return { redis.call("HGETALL", of(source, "counts")), first and digits(first - moment) or false,
  redis.call("SMEMBERS", of(source, "paused")), redis.call("ZCARD", of(source, "unindexed")) }
`,
);

/** How many events one call counts. */
const TIMELINE_STEP = 2_000;

/**
 * ARGV: source, sinceMs, untilMs, bucketMs, and the seq of the last event of the call before or "". Returns where to go on, or false, and for each bucket its
 * time, received, done, dead and duplicates.
 */
export const timelineScript: Script = scriptOf(
  "timeline",
  `${SEARCH}
local source, sinceMs, untilMs, bucketMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local all = of(source, "all")
local found
if ARGV[5] == "" then
  local rank = countBefore(source, sinceMs - HOUR)
  found = redis.call("ZRANGE", all, rank, rank + ${TIMELINE_STEP - 1}, "WITHSCORES")
else
  found = redis.call("ZRANGEBYSCORE", all, "(" .. ARGV[5], "+inf", "WITHSCORES", "LIMIT", 0, ${TIMELINE_STEP})
end
local buckets, result = {}, { #found == ${2 * TIMELINE_STEP} and found[#found] or false }
for i = 1, #found, 2 do
  local known = redis.call("HMGET", event(found[i]), "receivedAtMs", "state", "duplicates")
  local at = tonumber(known[1] or 0)
  if at >= untilMs + HOUR then
    result[1] = false
    break
  end
  if at >= sinceMs and at < untilMs and known[2] ~= "rejected" then
    local begin = at - (at - sinceMs) % bucketMs
    local bucket = buckets[begin] or { 0, 0, 0, 0 }
    buckets[begin] = bucket
    bucket[1] = bucket[1] + 1
    if known[2] == "done" then bucket[2] = bucket[2] + 1 end
    if known[2] == "dead" then bucket[3] = bucket[3] + 1 end
    bucket[4] = bucket[4] + tonumber(known[3])
  end
end
for begin, bucket in pairs(buckets) do result[#result + 1] = { digits(begin), unpack(bucket) } end
return result
`,
);

/** ARGV: source, name. */
export const pauseScript: Script = scriptOf("pause", `redis.call("SADD", of(ARGV[1], "paused"), ARGV[2])`);

/** ARGV: source, name. */
export const resumeScript: Script = scriptOf("resume", `redis.call("SREM", of(ARGV[1], "paused"), ARGV[2])`);
