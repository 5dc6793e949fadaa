import { type Script, scriptOf } from "./script.ts";

/** ARGV: key. Returns the event's hash. */
export const getScript: Script = scriptOf("get", `return redis.call("HGETALL", event(ARGV[1]))`);

/** How many events one call of {@link listScript} reads: other clients wait meanwhile. */
const LIST_STEP = 500;

/**
 * ARGV: source, state or "", beforeSeq or "", limit, name or "", sinceMs. Returns where to continue, or false at the end, and then the matching events
 * among those it read, each as its hash.
 */
export const listScript: Script = scriptOf(
  "list",
  `
local source, state, beforeSeq, limit, name, sinceMs = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local set = of(source, state == "" and "all" or "state:" .. state)
local found = redis.call("ZREVRANGEBYSCORE", set, beforeSeq == "" and "+inf" or "(" .. beforeSeq, "-inf", "WITHSCORES", "LIMIT", 0, ${LIST_STEP})
local listed = { #found == ${2 * LIST_STEP} and found[#found] or false }
for i = 1, #found, 2 do
  local known = redis.call("HMGET", event(found[i]), "name", "receivedAtMs")
  local receivedAtMs = tonumber(known[2] or 0)
  -- Events came in this order, but for a clock that was set back.
  if known[2] and receivedAtMs < sinceMs - 3600000 then
    listed[1] = false
    return listed
  end
  if known[2] and (name == "" or known[1] == string.sub(name, 2)) and receivedAtMs >= sinceMs then
    listed[#listed + 1] = redis.call("HGETALL", event(found[i]))
    if #listed > limit then return listed end
  end
end
return listed
`,
);

/** ARGV: key. Returns 1, or 0 when the event is not dead or has no body any more. */
export const redriveScript: Script = scriptOf(
  "redrive",
  `
local key = ARGV[1]
if redis.call("HGET", event(key), "state") ~= "dead" or redis.call("HEXISTS", event(key), "body") == 0 then return 0 end
local moment = now()
move(key, "dead", "received", moment, moment, { "attempts", 0 })
return 1
`,
);

/** ARGV: source, and the states. Returns the number of events in each state, and then how long the longest due event has been due. */
export const statsScript: Script = scriptOf(
  "stats",
  `
local source, moment, late = ARGV[1], now(), 0
local stats = {}
for i = 2, #ARGV do stats[#stats + 1] = redis.call("ZCARD", of(source, "state:" .. ARGV[i])) end
for _, set in ipairs({ "waiting", "leased" }) do
  local first = redis.call("ZRANGE", of(source, set), 0, 0, "WITHSCORES")[2]
  if first then late = math.max(late, moment - tonumber(first)) end
end
stats[#stats + 1] = late
return stats
`,
);

/** ARGV: source, bodiesOlderThanMs, rowsOlderThanMs, limit. Returns how many bodies and how many events were deleted. */
export const pruneScript: Script = scriptOf(
  "prune",
  `
local source, limit, moment = ARGV[1], tonumber(ARGV[4]), now()
local bodies = redis.call("ZRANGEBYSCORE", of(source, "kept"), "-inf", moment - tonumber(ARGV[2]), "WITHSCORES", "LIMIT", 0, limit)
for i = 1, #bodies, 2 do
  redis.call("HDEL", event(bodies[i]), "body", "headers")
  redis.call("ZREM", of(source, "kept"), bodies[i])
  redis.call("ZADD", of(source, "tombs"), bodies[i + 1], bodies[i])
end
local rows = redis.call("ZRANGEBYSCORE", of(source, "tombs"), "-inf", moment - tonumber(ARGV[3]), "LIMIT", 0, limit)
for _, key in ipairs(rows) do remove(key, source) end
return { #bodies / 2, #rows }
`,
);
