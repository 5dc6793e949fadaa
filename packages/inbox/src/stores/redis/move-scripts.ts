import { type Script, scriptOf } from "./script.ts";

/**
 * Begins the move from version 1. Takes over its sequence, and leaves keys of another type behind: from then on, a process of version 1 gets errors when it
 * accepts an event that is new, and acknowledges nothing that would be lost.
 */
export const beginMoveScript: Script = scriptOf(
  "beginMove",
  `
local seq = P .. ":seq"
if redis.call("TYPE", seq).ok == "string" then
  redis.call("SET", P .. ":sequence", redis.call("GET", seq))
  redis.call("DEL", seq)
end
redis.call("HSET", seq, "moved", "to version 2")
`,
);

/**
 * ARGV: source, limit. Moves the oldest events of version 1 and returns how many. An event is a hash with its body in version 1, which is gone when the
 * new ones are there.
 */
export const moveScript: Script = scriptOf(
  "move",
  `
local source, limit = ARGV[1], tonumber(ARGV[2])
local function old(set) return P .. ":of:" .. source .. ":" .. set end
-- A process of version 1 that claims gets an error, and no event.
for _, set in ipairs({ "waiting", "leased" }) do
  if redis.call("TYPE", old(set)).ok ~= "hash" then
    redis.call("DEL", old(set))
    redis.call("HSET", old(set), "moved", "to version 2")
  end
end
local keys = redis.call("ZRANGE", old("all"), 0, limit - 1)
for _, key in ipairs(keys) do
  local from = P .. ":event:" .. key
  local parts = redis.call("HMGET", from, "headers", "body", "seq")
  if parts[3] and redis.call("EXISTS", event(key)) == 0 then
    redis.call("HDEL", from, "headers", "body")
    redis.call("RENAME", from, event(key))
    redis.call("HSET", event(key), "kept", parts[2] and "1" or "0", "crashes", 0)
    if parts[2] then redis.call("HSET", body(key), "headers", parts[1] or "{}", "body", parts[2]) end
    redis.call("ZADD", of(source, "all"), parts[3], key)
    redis.call("ZADD", of(source, "unindexed"), parts[3], key)
    local place = placeOf(key)
    redis.call("SADD", of(source, "names"), place.name)
    enter(key, place)
  end
  redis.call("ZREM", old("all"), key)
end
if #keys == 0 then
  redis.call("DEL", old("kept"), old("tombs"))
  for _, state in ipairs({ "received", "processing", "retry", "done", "dead", "rejected" }) do redis.call("DEL", old("state:" .. state)) end
end
return #keys
`,
);
