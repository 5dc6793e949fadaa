import type { Redis } from "ioredis";
import { bodyOfVersion1, hashOfVersion1, keyOfVersion1, VERSION_1_EVENTS, VERSION_1_TIMES } from "./version-1.ts";

/** The beginning of the scripts of version 1. */
const PRELUDE = `
-- Up to Redis 6, a script that has asked for the time may not write unless its effects are replicated rather than itself.
if redis.replicate_commands then redis.replicate_commands() end
local P = KEYS[1]
local function event(key) return P .. ":event:" .. key end
local function of(source, set) return P .. ":of:" .. source .. ":" .. set end
local function now()
  local time = redis.call("TIME")
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local function isOpen(state) return state == "received" or state == "retry" or state == "processing" end

-- Takes an event out of every set that its state has put it into.
local function leave(key, source, state, hasBody)
  redis.call("ZREM", of(source, "state:" .. state), key)
  if state == "processing" then redis.call("ZREM", of(source, "leased"), key)
  elseif isOpen(state) then redis.call("ZREM", of(source, "waiting"), key)
  elseif hasBody then redis.call("ZREM", of(source, "kept"), key)
  else redis.call("ZREM", of(source, "tombs"), key) end
end

-- Puts an event into the sets of its state; at is when an open one is due, or when a finished one was finished.
local function enter(key, source, state, seq, at)
  redis.call("ZADD", of(source, "state:" .. state), seq, key)
  if state == "processing" then redis.call("ZADD", of(source, "leased"), at, key)
  elseif isOpen(state) then redis.call("ZADD", of(source, "waiting"), at, key)
  else redis.call("ZADD", of(source, "kept"), at, key) end
end

-- Takes an event that was evicted, or deleted by hand, out of every set: it would be in the way of all others.
local function lose(key, source)
  for _, set in ipairs({ "all", "waiting", "leased", "kept", "tombs" }) do redis.call("ZREM", of(source, set), key) end
  for _, state in ipairs({ "received", "processing", "retry", "done", "dead", "rejected" }) do
    redis.call("ZREM", of(source, "state:" .. state), key)
  end
end

-- Changes an event's state, and what comes with it: pairs of fields and values.
local function move(key, from, to, at, moment, pairs)
  local e = event(key)
  local known = redis.call("HMGET", e, "source", "seq")
  leave(key, known[1], from, true)
  enter(key, known[1], to, known[2], isOpen(to) and at or moment)
  redis.call("HSET", e, "state", to, "updatedAtMs", string.format("%d", moment), unpack(pairs))
  if isOpen(to) then redis.call("HSET", e, "dueAtMs", string.format("%d", at)) else redis.call("HDEL", e, "dueAtMs") end
  if to ~= "processing" then redis.call("HDEL", e, "token") end
end

-- Keeps a new event: fields is where the pairs of its fields begin in ARGV.
local function add(key, source, state, fields)
  local moment = now()
  local seq = redis.call("INCR", P .. ":seq")
  local time = string.format("%d", moment)
  redis.call("HSET", event(key), "key", key, "source", source, "state", state, "seq", seq, "attempts", 0, "fence", 0,
    "duplicates", 0, "conflicts", 0, "receivedAtMs", time, "updatedAtMs", time, "lastSeenAtMs", time, unpack(ARGV, fields))
  if isOpen(state) then redis.call("HSET", event(key), "dueAtMs", time) end
  redis.call("ZADD", of(source, "all"), seq, key)
  enter(key, source, state, seq, moment)
end

-- Forgets an event altogether.
local function remove(key, source)
  local e = event(key)
  local known = redis.call("HMGET", e, "state", "orderKey")
  if not known[1] then return lose(key, source) end
  leave(key, source, known[1], redis.call("HEXISTS", e, "body") == 1)
  redis.call("ZREM", of(source, "all"), key)
  if known[2] then redis.call("ZREM", P .. ":order:" .. known[2], key) end
  redis.call("DEL", e)
end
`;

/** The scripts of version 1 that matter while another process moves its events. */
const SCRIPTS = {
  accept: `
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

local key, source, hash, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call("HGET", event(key), "state")
if known then return { count(key, hash), known } end
add(key, source, state, 5)
return { "accepted", state }
`,
  claim: `
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
  renew: `
local key, token, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.call("HMGET", event(key), "state", "token", "source")
if known[1] ~= "processing" or known[2] ~= token then return 0 end
local due = now() + leaseMs
redis.call("ZREM", of(known[3], "leased"), key)
redis.call("ZADD", of(known[3], "leased"), due, key)
redis.call("HSET", event(key), "dueAtMs", string.format("%d", due))
return 1
`,
  settle: `
local key, token, state, delayMs, uncounted, note = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
local known = redis.call("HMGET", event(key), "state", "token", "attempts", "orderKey", "orderAtMs")
if known[1] ~= "processing" or known[2] ~= token then return 0 end
local moment = now()
move(key, "processing", state, delayMs and moment + delayMs, moment, { "attempts", tonumber(known[3]) - uncounted })
if note then redis.call("HSET", event(key), "note", note) else redis.call("HDEL", event(key), "note") end
if state == "done" and not note and known[4] and known[5] then redis.call("ZADD", P .. ":order:" .. known[4], known[5], key) end
return 1
`,
  stats: `
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
} as const;

/** Runs a script as a process of version 1 does. */
export function runVersion1(
  client: Redis,
  prefix: string,
  name: keyof typeof SCRIPTS,
  ...args: readonly string[]
): Promise<unknown> {
  return client.eval(PRELUDE + SCRIPTS[name], 1, `{${prefix}}`, ...args);
}

/** The arguments of a claim of version 1, of all due events or of one. */
export function claimArguments(key: string = ""): readonly string[] {
  return ["popp", "token of version 1", "60000", "100", "8", key, "any"];
}

/** The arguments of an accept of version 1. */
export function acceptArguments(key: string, hash: string = "0".repeat(64)): readonly string[] {
  return [key, "popp", hash, "received", "name", "X", "hash", hash, "body", "{}", "headers", "{}"];
}

/** Stores the events of version 1 as that version did. */
export async function storeVersion1(client: Redis, prefix: string): Promise<void> {
  const of = (set: string) => `{${prefix}}:of:popp:${set}`;
  await client.set(`{${prefix}}:schema`, "1");
  await client.set(`{${prefix}}:seq`, "9");
  for (const [seq, state, dueAtMs, hasBody] of VERSION_1_EVENTS) {
    const key = keyOfVersion1(seq);
    await client.hset(`{${prefix}}:event:${key}`, {
      ...{ key, source: "popp", state, seq, attempts: 3, fence: 4, duplicates: 2, conflicts: 1 },
      ...{ ...VERSION_1_TIMES, conflictHash: "1".repeat(64), hash: hashOfVersion1(seq) },
      ...{ eventId: `evt_${seq}`, name: state === "rejected" ? "" : "CONVERSATION_STARTED" },
      ...(state === "dead" && { note: "Error: down" }),
      ...(state === "processing" && { token: "token" }),
      ...(dueAtMs !== null && { dueAtMs }),
      ...(hasBody && { body: bodyOfVersion1(seq), headers: "{}" }),
    });
    await client.zadd(of("all"), seq, key);
    await client.zadd(of(`state:${state}`), seq, key);
    if (state === "processing") await client.zadd(of("leased"), dueAtMs ?? 0, key);
    else if (dueAtMs !== null) await client.zadd(of("waiting"), dueAtMs, key);
    else await client.zadd(of(hasBody ? "kept" : "tombs"), VERSION_1_TIMES.updatedAtMs, key);
  }
}
