/**
 * The beginning of every script. A script is atomic, and uses the server's clock.
 *
 * An event is one hash (`e:`), and its body and headers another (`b:`), so that no list reads a body. Sorted sets of each source list the events by
 * their order of arrival (`all`, and by state, name, tag and by note of what was not handled), open events by when they are due (`waiting:` and a name,
 * `leased`), and finished events by when they were finished (`kept`, `dead`, `tombs`). So no script reads many more events than it returns.
 *
 * Waiting events have a set for each name, so that a claim passes over names that are paused or full without a look at their events.
 *
 * The names of sets contain the length of the source: a source may be called "x:name", and its sets must not collide with those of the source "x".
 * Every key has the prefix as its hash tag, so that all keys are in one slot of a cluster.
 *
 * A server with full memory refuses a script that may use more, unless the script has written before. Claiming, renewing and settling therefore
 * begin with a removal, so that accepted events can be handled even then.
 */
const PRELUDE = `
-- Up to Redis 6, a script that has asked for the time may not write unless its effects are replicated rather than itself.
if redis.replicate_commands then redis.replicate_commands() end
local P = KEYS[1]
local function event(key) return P .. ":e:" .. key end
local function body(key) return P .. ":b:" .. key end
local function of(source, set) return P .. ":in:" .. #source .. ":" .. source .. ":" .. set end
local function order(key) return P .. ":order:" .. key end
local function holder(key) return P .. ":holder:" .. key end
local function digits(number) return string.format("%d", number) end
local time = redis.call("TIME")
local moment = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local OPEN = { received = true, retry = true, processing = true }
-- What decides which sets an event is in.
local function placeOf(key)
  local known = redis.call("HMGET", event(key), "source", "name", "state", "seq", "dueAtMs", "updatedAtMs", "note", "kept")
  if not known[1] then return nil end
  return { source = known[1], name = known[2], state = known[3], seq = known[4], dueAtMs = known[5], updatedAtMs = known[6],
    note = known[7], kept = known[8] }
end
local function setOf(place)
  if place.state == "processing" then return of(place.source, "leased"), place.dueAtMs end
  if OPEN[place.state] then return of(place.source, "waiting:" .. place.name), place.dueAtMs end
  if place.kept ~= "1" then return of(place.source, "tombs"), place.updatedAtMs end
  return of(place.source, place.state == "dead" and "dead" or "kept"), place.updatedAtMs
end
local function notHandledSet(place)
  local isNotHandled = place.state == "done" and (place.note == "unhandled" or place.note == "superseded")
  return isNotHandled and of(place.source, "note:" .. place.note)
end
-- Takes an event out of the sets of its place.
local function leave(key, place)
  redis.call("ZREM", (setOf(place)), key)
  redis.call("ZREM", of(place.source, "state:" .. place.state), key)
  local note = notHandledSet(place)
  if note then redis.call("ZREM", note, key) end
  redis.call("HINCRBY", of(place.source, "counts"), place.state .. ":" .. place.name, -1)
end
-- Puts an event into the sets of its place.
local function enter(key, place)
  local set, at = setOf(place)
  redis.call("ZADD", set, at, key)
  redis.call("ZADD", of(place.source, "state:" .. place.state), place.seq, key)
  local note = notHandledSet(place)
  if note then redis.call("ZADD", note, place.seq, key) end
  redis.call("HINCRBY", of(place.source, "counts"), place.state .. ":" .. place.name, 1)
end
-- Changes fields of an event: pairs of names and values, and the names of fields to delete.
local function change(key, place, pairs, gone)
  leave(key, place)
  if #gone > 0 then redis.call("HDEL", event(key), unpack(gone)) end
  redis.call("HSET", event(key), unpack(pairs))
  enter(key, placeOf(key))
end
-- The tags of an event; the first is its name's.
local function tagsOf(key)
  local tags = {}
  for tag in string.gmatch(redis.call("HGET", event(key), "tags") or "", "%d+") do tags[#tags + 1] = tag end
  return tags
end
local function indexTags(key, source, seq)
  for _, tag in ipairs(tagsOf(key)) do redis.call("ZADD", of(source, "tag:" .. tag), seq, key) end
end
local function unindexTags(key, source)
  for _, tag in ipairs(tagsOf(key)) do redis.call("ZREM", of(source, "tag:" .. tag), key) end
  redis.call("ZREM", of(source, "unindexed"), key)
end
local function addLine(key, line)
  local history = redis.call("HGET", event(key), "history")
  redis.call("HSET", event(key), "history", history and history .. "\\n" .. line or line)
end
-- Ends the hold of an event on its order.
local function release(key)
  local orderKey = redis.call("HGET", event(key), "orderKey")
  if orderKey and redis.call("GET", holder(orderKey)) == key then redis.call("DEL", holder(orderKey)) end
end
-- Forgets an event altogether.
local function remove(key, source)
  local place = placeOf(key)
  redis.call("ZREM", of(source, "all"), key)
  if not place then
    -- It was evicted, or deleted by hand: it must not be in the way of others.
    for _, set in ipairs({ "leased", "kept", "dead", "tombs", "unindexed" }) do redis.call("ZREM", of(source, set), key) end
    for _, state in ipairs({ "received", "processing", "retry", "done", "dead", "rejected" }) do
      redis.call("ZREM", of(source, "state:" .. state), key)
    end
    return
  end
  leave(key, place)
  unindexTags(key, source)
  release(key)
  local orderKey = redis.call("HGET", event(key), "orderKey")
  if orderKey then redis.call("ZREM", order(orderKey), key) end
  redis.call("UNLINK", event(key), body(key))
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
