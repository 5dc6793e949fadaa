import { type Script, scriptOf } from "./script.ts";

/** Counts another delivery of a stored event. */
const COUNT = `
local function count(key, hash)
  local e = event(key)
  local isSame = redis.call("HGET", e, "hash") == hash
  redis.call("HINCRBY", e, "duplicates", 1)
  redis.call("HSET", e, "lastSeenAtMs", string.format("%d", now()))
  if isSame then return "duplicate" end
  redis.call("HINCRBY", e, "conflicts", 1)
  redis.call("HSET", e, "conflictHash", hash)
  return "conflict"
end
`;

/** ARGV: key, source, hash, state, and the event's fields as pairs. Returns the outcome and the stored state. */
export const acceptScript: Script = scriptOf(
  "accept",
  `${COUNT}
local key, source, hash, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call("HGET", event(key), "state")
if known then return { count(key, hash), known } end
add(key, source, state, 5)
return { "accepted", state }
`,
);

/** ARGV: key, source, hash, cap, and the event's fields as pairs. Keeps only the newest rejected events, and deletes at most 100 with each call. */
export const rejectScript: Script = scriptOf(
  "reject",
  `${COUNT}
local key, source, hash, cap = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call("EXISTS", event(key)) == 1 then return count(key, hash) end
add(key, source, "rejected", 5)
local rejected = of(source, "state:rejected")
local surplus = math.min(100, redis.call("ZCARD", rejected) - cap)
if surplus > 0 then
  for _, old in ipairs(redis.call("ZRANGE", rejected, 0, surplus - 1)) do remove(old, source) end
end
`,
);
