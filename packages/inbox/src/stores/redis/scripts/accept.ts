import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/** Counts a known event, or stores a new one. */
const ACCEPT = `
-- Adds one. A count that was edited by hand begins anew.
local function bump(e, field)
  if type(redis.pcall("HINCRBY", e, field, 1)) == "table" then call("HSET", e, field, 1) end
end

-- Counts another delivery of a stored event. An erased event has no hash to compare.
local function count(key, known, hash, moment)
  local e = entry(key)
  local where = call("HMGET", e, "source", "receivedAtMs", "state")
  if where[1] and where[3] ~= "rejected" then tally(where[1], num(where[2], 0), "duplicates", 1) end
  bump(e, "duplicates")
  call("HSET", e, "lastSeenAtMs", moment)
  call("HSETNX", e, "firstDuplicateAtMs", moment)
  if known == hash or known == "" then return "duplicate" end
  bump(e, "conflicts")
  call("HSETNX", e, "firstConflictAtMs", moment)
  call("HSET", e, "conflictHash", hash, "lastConflictAtMs", moment)
  return "conflict"
end

-- Times of arrival grow with the numbers, so that lists find a time by bisection, although a clock may be set back a little.
local function arrivalAt(moment)
  local latest = num(textAt(P .. ":latest"), 0)
  if latest > moment and latest - moment < 3600000 then return latest end
  call("SET", P .. ":latest", moment)
  return moment
end

-- Whether an event is there because this was sent before: then the delivery is the first one, and no duplicate.
local function isOwn(key, known, hash, moment)
  if not isAgain or known ~= hash then return false end
  local found = call("HMGET", entry(key), "receivedAtMs", "duplicates")
  return not found[2] and moment - num(found[1], 0) < 10000
end

local arrival, names = nil, {}
-- Stores a new event, and returns its number. The arguments from "at" on: key, source, hash, state, name, tags, body, how many pairs of fields follow, and the pairs.
local function add(at, moment)
  local key, source, state, name, tags = ARGV[at], ARGV[at + 1], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  local e = { key = key, source = source, state = state, name = name, tags = tags, seq = call("INCR", P .. ":sequence") }
  arrival = arrival or arrivalAt(moment)
  e.updatedAtMs, e.receivedAtMs = arrival, arrival
  e.dueAtMs = isOpen(state) and moment
  call("SET", bodyOf(key), ARGV[at + 6])
  call("ZADD", of(source, "all"), e.seq, key)
  local ofSource = of(source, "names")
  if names[ofSource .. name] == nil then names[ofSource .. name] = call("SADD", ofSource, name) end
  eachTag(e, function(set) call("ZADD", set, e.seq, key) end)
  enter(e, true)
  -- The entry comes last: an event that failed halfway must not be taken for a duplicate later.
  call("HSET", entry(key), "source", source, "state", state, "name", name, "seq", e.seq, "hash", ARGV[at + 2], "tags", tags,
    "receivedAtMs", arrival, "updatedAtMs", arrival, "lastSeenAtMs", arrival, "dueAtMs", e.dueAtMs or "",
    unpack(ARGV, at + 8, at + 7 + 2 * tonumber(ARGV[at + 7])))
  if state ~= "rejected" then tally(source, arrival, "received", 1) end
  local note = not e.dueAtMs and call("HGET", entry(key), "note")
  if note then call("ZADD", noted(source, note), e.seq, key) end
  return e.seq
end
`;

/** The beginning of the error that a script returns when the keys of the store are not there. */
export const NO_KEYS = "NOKEYS";

/** Without their version the keys are no store: they were deleted, or the client has come to another server or database. */
const VERSIONED = `
if call("EXISTS", P .. ":schema") == 0 then return redis.error_reply("${NO_KEYS} The keys of the store are gone.") end
`;

/**
 * ARGV: for each event key, source, hash, state, name, tags, body, how many pairs of fields follow, and the pairs. Returns for each event the outcome
 * and the stored state, and of a new one its number; or "failed" and the error: one that fails does not fail the others. When the
 * server refuses all writes, the script fails: ioredis connects anew when the server is a replica (`reconnectOnError`).
 */
export const acceptScript: Script = scriptOf(
  "accept",
  ["places"],
  `${ACCEPT}${VERSIONED}
local moment, results, at = now(), {}, 1
local function accept()
  local key, hash = ARGV[at], ARGV[at + 2]
  local known = call("HMGET", entry(key), "state", "hash")
  if known[1] and isOwn(key, known[2], hash, moment) then return { "accepted", known[1] } end
  if known[1] then return { count(key, known[2], hash, moment), known[1] } end
  return { "accepted", ARGV[at + 3], add(at, moment) }
end
while at <= #ARGV do
  local isDone, result = pcall(accept)
  if not isDone then
    if isRefused(textOf(result)) then return redis.error_reply(textOf(result)) end
    result = { "failed", textOf(result) }
  end
  results[#results + 1] = result
  at = at + 8 + 2 * tonumber(ARGV[at + 7])
end
return results
`,
  REPEATABLE,
);

/** ARGV: as above for one event, and then the cap. Keeps only the newest rejected events, and deletes at most 100 with each call. */
export const rejectScript: Script = scriptOf(
  "reject",
  ["places"],
  `${ACCEPT}${VERSIONED}
local key, source, moment = ARGV[1], ARGV[2], now()
local known = call("HMGET", entry(key), "state", "hash")
if known[1] and isOwn(key, known[2], ARGV[3], moment) then return end
if known[1] then return count(key, known[2], ARGV[3], moment) end
add(1, moment)
local rejected = of(source, "rejected")
call("ZADD", rejected, call("HGET", entry(key), "seq"), key)
local surplus = math.min(100, call("ZCARD", rejected) - tonumber(ARGV[#ARGV]))
if surplus > 0 then
  for _, old in ipairs(call("ZRANGE", rejected, 0, surplus - 1)) do remove(old, source) end
end
`,
  REPEATABLE,
);
