import { type Script, scriptOf } from "./script.ts";

const ADD = `
-- Counts another delivery of a stored event. An erased event has an empty hash.
local function count(key, hash)
  local e, at = event(key), digits(moment)
  redis.call("HINCRBY", e, "duplicates", 1)
  redis.call("HSET", e, "lastSeenAtMs", at)
  redis.call("HSETNX", e, "firstDuplicateAtMs", at)
  local first = redis.call("HGET", e, "hash")
  if first == hash or first == "" then return "duplicate" end
  redis.call("HINCRBY", e, "conflicts", 1)
  redis.call("HSETNX", e, "firstConflictAtMs", at)
  redis.call("HSET", e, "conflictHash", hash, "lastConflictAtMs", at)
  return "conflict"
end
-- Stores a new event. fields: where the pairs of its fields begin in ARGV, and how many arguments they are.
local function add(key, source, state, headers, bytes, from, fields)
  local seq, at = redis.call("INCR", P .. ":sequence"), digits(moment)
  redis.call("HSET", event(key), "key", key, "source", source, "state", state, "seq", digits(seq), "kept", "1", "attempts", 0,
    "crashes", 0, "fence", 0, "duplicates", 0, "conflicts", 0, "receivedAtMs", at, "updatedAtMs", at, "lastSeenAtMs", at,
    unpack(ARGV, from, from + fields - 1))
  if OPEN[state] then redis.call("HSET", event(key), "dueAtMs", at) end
  redis.call("HSET", body(key), "headers", headers, "body", bytes)
  redis.call("ZADD", of(source, "all"), seq, key)
  local place = placeOf(key)
  redis.call("SADD", of(source, "names"), place.name)
  enter(key, place)
  indexTags(key, source, seq)
end
`;

/**
 * ARGV: how many events, and for each: key, source, hash, state, headers, body, how many arguments follow, and its fields as pairs. Returns the outcome
 * and the stored state of each.
 */
export const acceptScript: Script = scriptOf(
  "accept",
  `${ADD}
local results, at = {}, 2
for i = 1, tonumber(ARGV[1]) do
  local key, source, hash, state, fields = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], tonumber(ARGV[at + 6])
  local known = redis.call("HGET", event(key), "state")
  if known then results[i] = { count(key, hash), known }
  else
    add(key, source, state, ARGV[at + 4], ARGV[at + 5], at + 7, fields)
    results[i] = { "accepted", state }
  end
  at = at + 7 + fields
end
return results
`,
);

/** ARGV: cap, and one event as above. Keeps only the newest rejected events, and deletes at most 100 with each call. */
export const rejectScript: Script = scriptOf(
  "reject",
  `${ADD}
local cap, key, source, hash = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
if redis.call("EXISTS", event(key)) == 1 then return count(key, hash) end
add(key, source, "rejected", ARGV[6], ARGV[7], 9, tonumber(ARGV[8]))
local rejected = of(source, "state:rejected")
local surplus = math.min(100, redis.call("ZCARD", rejected) - cap)
if surplus > 0 then
  for _, old in ipairs(redis.call("ZRANGE", rejected, 0, surplus - 1)) do remove(old, source) end
end
`,
);
