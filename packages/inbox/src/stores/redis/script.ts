/**
 * The beginning of every script. A script is atomic, and uses the server's clock.
 *
 * An event is one hash. Sorted sets of each source list the due events (`waiting`, `leased`, by due time), the finished events (`kept` with a body,
 * `tombs` without, by finish time), and the order of arrival, of all events (`all`) and of each state (`state:…`). So no script reads more events
 * than it returns.
 *
 * No set is named after a state alone: a source may be called "x:state", and its sets must not collide with those of the source "x".
 *
 * Every key has the prefix as its hash tag, so that all keys are in one slot of a cluster.
 *
 * A server with full memory refuses a script that may use more, unless the script has written before. Claiming, renewing and settling therefore
 * begin with a removal, so that accepted events can be handled even then.
 */
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

/** A Lua script. */
export interface Script {
  /** Its name in this code. */
  readonly name: string;
  /** The Lua. */
  readonly text: string;
}

/** Adds the common beginning to a script. */
export function scriptOf(name: string, body: string): Script {
  return { name, text: PRELUDE + body };
}
