import { type Script, scriptOf } from "./script.ts";

/**
 * ARGV: source, token, leaseMs, limit, maxAttempts, key or "", which, and the excluded keys. Returns the claimed events, each as its hash.
 */
export const claimScript: Script = scriptOf(
  "claim",
  `
local source, token, leaseMs, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local maxAttempts, only, which = tonumber(ARGV[5]), ARGV[6], ARGV[7]
local excluded = {}
for i = 8, #ARGV do excluded[ARGV[i]] = true end
local moment = now()
local due = {}

local function look(set)
  local found = redis.call("ZRANGEBYSCORE", of(source, set), "-inf", moment, "WITHSCORES", "LIMIT", 0, limit + #ARGV - 7)
  for i = 1, #found, 2 do
    if not excluded[found[i]] then due[#due + 1] = { key = found[i], at = tonumber(found[i + 1]) } end
  end
end

if only ~= "" then
  local known = redis.call("HMGET", event(only), "source", "dueAtMs")
  if known[1] == source and known[2] and tonumber(known[2]) <= moment and not excluded[only] then due[1] = { key = only } end
else
  if which ~= "abandoned" then look("waiting") end
  if which ~= "waiting" then look("leased") end
  if which == "any" then table.sort(due, function(a, b) return a.at < b.at or (a.at == b.at and a.key < b.key) end) end
end

local claimed = {}
for i = 1, math.min(limit, #due) do
  local key = due[i].key
  local known = redis.call("HMGET", event(key), "state", "attempts")
  if not known[1] then lose(key, source)
  else
    if tonumber(known[2]) >= maxAttempts then
      move(key, known[1], "dead", nil, moment, {})
      redis.call("HSETNX", event(key), "note", "abandoned")
    else
      move(key, known[1], "processing", moment + leaseMs, moment, { "token", token, "attempts", tonumber(known[2]) + 1 })
    end
    redis.call("HINCRBY", event(key), "fence", 1)
    claimed[#claimed + 1] = redis.call("HGETALL", event(key))
  end
end
return claimed
`,
);

/** ARGV: key, token, leaseMs. Returns 1, or 0 when the claimant no longer holds the lease. */
export const renewScript: Script = scriptOf(
  "renew",
  `
local key, token, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.call("HMGET", event(key), "state", "token", "source")
if known[1] ~= "processing" or known[2] ~= token then return 0 end
local due = now() + leaseMs
redis.call("ZREM", of(known[3], "leased"), key)
redis.call("ZADD", of(known[3], "leased"), due, key)
redis.call("HSET", event(key), "dueAtMs", string.format("%d", due))
return 1
`,
);

/** ARGV: key, token, state, delayMs or "", how many attempts not to count, and the note if there is one. Returns 1, or 0 as above. */
export const settleScript: Script = scriptOf(
  "settle",
  `
local key, token, state, delayMs, uncounted, note = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local known = redis.call("HMGET", event(key), "state", "token", "attempts", "orderKey", "orderAtMs")
if known[1] ~= "processing" or known[2] ~= token then return 0 end
local moment = now()
move(key, "processing", state, delayMs and moment + delayMs, moment, { "attempts", tonumber(known[3]) - uncounted })
if note then redis.call("HSET", event(key), "note", note) else redis.call("HDEL", event(key), "note") end
if state == "done" and not note and known[4] and known[5] then redis.call("ZADD", P .. ":order:" .. known[4], known[5], key) end
return 1
`,
);

/** ARGV: orderKey. Returns the latest time of the handled events of that order, or nil. */
export const newestDoneScript: Script = scriptOf(
  "newestDone",
  `
return redis.call("ZREVRANGE", P .. ":order:" .. ARGV[1], 0, 0, "WITHSCORES")[2]
`,
);
