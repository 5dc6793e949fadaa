/**
 * The beginning of every script. A script is atomic, and uses the server's clock.
 *
 * An event is one hash, `entry`. Its body and headers are one string, and its history, if there is any, is another: lists and claims touch small
 * hashes only. Sorted sets say where an event is:
 *
 * - by number, for lists: `all`, `in:<state>` of each name, `tag:<tag>`, `note:<its SHA-1>`, `rejected`, `unindexed`
 * - by due time, open ones: `due` has all. `waiting` and `leased` have those to claim, a set for each name, so that no claim looks at names it must
 *   not claim. The set `waiting` without a name has the names themselves, by when their first event may be due; never later than it is.
 * - by finish time, for pruning: `kept` and `dead` with a body, `tombs` without
 *
 * The hash `hours` counts events by the hour of their arrival, for timelines.
 *
 * So no script reads more events than it returns, and the counts are the sizes of sets.
 *
 * The names of sets have the source's length before the source: no source and name can make the name of another set.
 *
 * Every key has the prefix as its hash tag, so that all keys are in one slot of a cluster.
 *
 * A server with full memory refuses a script that may use more, unless the script has written before. Claiming, renewing, settling and erasing
 * therefore begin with a removal, so that accepted events can be handled even then.
 */
const BEGINNING = `
-- Up to Redis 6, a script that has asked for the time may not write unless its effects are replicated rather than itself.
if redis.replicate_commands then redis.replicate_commands() end
local call, P = redis.call, KEYS[1]
local function entry(key) return P .. ":entry:" .. key end
local function bodyOf(key) return P .. ":body:" .. key end
local function historyOf(key) return P .. ":history:" .. key end
local function orderOf(orderKey) return P .. ":order:" .. orderKey end
-- The names of sets are long, and a script needs each often: it makes it once.
local ofSources, ofNames = {}, {}
local function within(map, key)
  local value = map[key]
  if not value then
    value = {}
    map[key] = value
  end
  return value
end
local function of(source, set)
  local made = within(ofSources, source)
  if not made[set] then made[set] = P .. ":" .. set .. ":" .. #source .. ":" .. source end
  return made[set]
end
local function named(source, set, name)
  local made = within(within(ofNames, set), name)
  if not made[source] then made[source] = of(source, set) .. ":" .. name end
  return made[source]
end
local function noted(source, note) return of(source, "note:" .. redis.sha1hex(note)) end
local function now()
  local time = call("TIME")
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local STATES = { "received", "processing", "retry", "done", "dead", "rejected" }
local function isOpen(state) return state == "received" or state == "retry" or state == "processing" end
local function laneOf(state) return state == "processing" and "leased" or "waiting" end

-- What scripts need of an event; a field that it does not have is false. Returns nil for an unknown event.
local function load(key)
  local v = call("HMGET", entry(key), "state", "source", "name", "seq", "dueAtMs", "updatedAtMs", "orderKey", "note",
    "attempts", "crashes", "startedAtMs", "token", "orderAtMs", "fence", "receivedAtMs", "eventId", "recordId", "hash")
  if not v[1] then return nil end
  return {
    key = key, state = v[1], source = v[2], name = v[3], seq = v[4], dueAtMs = tonumber(v[5] or ""), updatedAtMs = tonumber(v[6]),
    orderKey = v[7], note = v[8], attempts = tonumber(v[9] or 0), crashes = tonumber(v[10] or 0),
    startedAtMs = tonumber(v[11] or ""), token = v[12], orderAtMs = v[13], fence = tonumber(v[14] or 0),
    receivedAtMs = tonumber(v[15]), eventId = v[16], recordId = v[17], hash = v[18]
  }
end
`;

/** Moves events between the sets of their states, and counts them by the hour of their arrival for timelines. */
const PLACES = `
-- What this script adds to the counts of hours. It is written once, at the end.
local hours = {}
local function tally(source, receivedAtMs, what, by)
  local added = within(hours, of(source, "hours"))
  local field = string.format("%d:%s", receivedAtMs - receivedAtMs % 3600000, what)
  added[field] = (added[field] or 0) + by
end
local function tallyState(e, by)
  if e.state == "done" or e.state == "dead" then tally(e.source, e.receivedAtMs, e.state, by) end
end
local function writeHours()
  for set, added in pairs(hours) do
    for field, by in pairs(added) do
      if by ~= 0 and call("HINCRBY", set, field, by) == 0 then call("HDEL", set, field) end
    end
  end
end

-- Of events that are due at the same time, those that came first are first in line.
local function placeOf(e)
  e.place = e.place or string.format("%012x", e.seq) .. e.key
  return e.place
end

-- When a name may be due at the latest, as far as this script knows.
local heads = {}
-- Puts an event in line for claims, not to be looked at before a time.
local function enqueue(e, lane, at)
  local line = named(e.source, lane, e.name)
  call("ZADD", line, at, placeOf(e))
  if heads[line] and heads[line] <= at then return end
  local head = tonumber(call("ZSCORE", of(e.source, lane), e.name) or "")
  if not head or head > at then call("ZADD", of(e.source, lane), at, e.name) end
  heads[line] = head and math.min(head, at) or at
end

local function parkOf(e, lane) return lane .. ":" .. #e.source .. ":" .. e.source .. ":" .. e.name end
local function parked(orderKey, park) return P .. ":parked:" .. orderKey .. ":" .. park end

-- Takes an event out of every set that its state has put it into, but for "due": it may stay there with another time.
local function leave(e)
  e.wasOpen = isOpen(e.state)
  tallyState(e, -1)
  call("ZREM", named(e.source, "in:" .. e.state, e.name), e.key)
  if e.wasOpen then
    local lane = laneOf(e.state)
    if call("ZREM", named(e.source, lane, e.name), placeOf(e)) == 0 and e.orderKey then
      call("ZREM", parked(e.orderKey, parkOf(e, lane)), placeOf(e))
    end
    return
  end
  if call("ZREM", of(e.source, e.state == "dead" and "dead" or "kept"), e.key) == 0 then call("ZREM", of(e.source, "tombs"), e.key) end
  if e.state == "done" and e.orderKey then call("ZREM", orderOf(e.orderKey), e.key) end
end

-- Puts an event into the sets of its state.
local function enter(e, hasBody)
  tallyState(e, 1)
  call("ZADD", named(e.source, "in:" .. e.state, e.name), e.seq, e.key)
  if isOpen(e.state) then
    call("ZADD", of(e.source, "due"), e.dueAtMs, e.key)
    return enqueue(e, laneOf(e.state), e.dueAtMs)
  end
  if e.wasOpen then call("ZREM", of(e.source, "due"), e.key) end
  local kept = e.state == "dead" and "dead" or "kept"
  call("ZADD", of(e.source, hasBody and kept or "tombs"), e.updatedAtMs, e.key)
  if e.state == "done" and not e.note and e.orderKey and e.orderAtMs then call("ZADD", orderOf(e.orderKey), e.orderAtMs, e.key) end
end

-- Stores the state of an event after it has left the old one, and puts it into the sets of the new one. Due time and token mean something in some
-- states only.
local function save(e, hasBody)
  enter(e, hasBody)
  call("HSET", entry(e.key), "state", e.state, "updatedAtMs", e.updatedAtMs, "attempts", e.attempts, "crashes", e.crashes,
    "fence", e.fence, "dueAtMs", e.dueAtMs or "", "startedAtMs", e.startedAtMs or "", "token", e.token or "")
end

-- Changes the note of an event, and where lists by note find it.
local function setNote(e, note)
  if e.note == note then return end
  if e.note then call("ZREM", noted(e.source, e.note), e.key) end
  e.note = note
  if not note then return call("HDEL", entry(e.key), "note") end
  call("ZADD", noted(e.source, note), e.seq, e.key)
  call("HSET", entry(e.key), "note", note)
end

local function addLine(key, line)
  if call("EXISTS", historyOf(key)) == 1 then line = "\\n" .. line end
  call("APPEND", historyOf(key), line)
end

local function eachTag(e, run)
  for tag in string.gmatch(e.tags or call("HGET", entry(e.key), "tags") or "", "%S+") do run(of(e.source, "tag:" .. tag)) end
end

local function untag(e)
  eachTag(e, function(set) call("ZREM", set, e.key) end)
  call("ZREM", of(e.source, "unindexed"), e.key)
end

-- Takes an event that was evicted, or deleted by hand, out of every set that claims and prunes see: it would be in the way of all others.
local function lose(key, source)
  for _, set in ipairs({ "all", "due", "kept", "dead", "tombs", "rejected", "unindexed" }) do call("ZREM", of(source, set), key) end
  for _, name in ipairs(call("SMEMBERS", of(source, "names"))) do
    for _, state in ipairs(STATES) do call("ZREM", named(source, "in:" .. state, name), key) end
  end
  call("UNLINK", bodyOf(key), historyOf(key))
end

-- Forgets a finished event altogether.
local function remove(key, source)
  local e = load(key)
  if not e then return lose(key, source) end
  leave(e)
  untag(e)
  if e.state ~= "rejected" then
    tally(source, e.receivedAtMs, "received", -1)
    tally(source, e.receivedAtMs, "duplicates", -tonumber(call("HGET", entry(key), "duplicates") or 0))
  end
  if e.note then call("ZREM", noted(source, e.note), key) end
  for _, set in ipairs({ "all", "rejected" }) do call("ZREM", of(source, set), key) end
  call("UNLINK", entry(key), bodyOf(key), historyOf(key))
  for _, state in ipairs(STATES) do
    if call("EXISTS", named(source, "in:" .. state, e.name)) == 1 then return end
  end
  call("SREM", of(source, "names"), e.name)
end
`;

/**
 * Keeps order keys to one running lease each. `hold` has the event that was claimed last.
 *
 * A claim that finds an event whose order key is held parks it: it leaves the line, so that a million of them are not looked at again and again. When
 * the lease ends, or the event is settled, the first parked event of each name is back in line. `wake` has the order keys with parked events, by
 * when to look at them.
 */
const ORDERS = `
local function holdOf(orderKey) return P .. ":hold:" .. orderKey end
local function parksOf(orderKey) return P .. ":parks:" .. orderKey end
local WAKE = P .. ":wake"

-- Returns until when another event holds the order key; nil when none does.
local function heldUntil(orderKey, key, moment)
  local holder = call("GET", holdOf(orderKey))
  if not holder or holder == key then return nil end
  local known = call("HMGET", entry(holder), "state", "dueAtMs")
  local due = tonumber(known[2] or "")
  if known[1] == "processing" and due > moment then return due end
end

local function wakeAt(orderKey, at)
  call("ZREM", WAKE, orderKey)
  call("ZADD", WAKE, at, orderKey)
end

local function hold(e)
  call("SET", holdOf(e.orderKey), e.key)
  if call("EXISTS", parksOf(e.orderKey)) == 1 then wakeAt(e.orderKey, e.dueAtMs) end
end

local function park(e, lane, at, heldUntilMs)
  local park = parkOf(e, lane)
  call("ZREM", named(e.source, lane, e.name), placeOf(e))
  call("ZADD", parked(e.orderKey, park), at, placeOf(e))
  call("SADD", parksOf(e.orderKey), park)
  wakeAt(e.orderKey, heldUntilMs)
end

-- Puts the first parked event of each name back in line.
local function unpark(orderKey, moment)
  call("ZREM", WAKE, orderKey)
  for _, park in ipairs(call("SMEMBERS", parksOf(orderKey))) do
    local set = parked(orderKey, park)
    local first = call("ZRANGE", set, 0, 0, "WITHSCORES")
    local e = first[1] and load(string.sub(first[1], 13))
    if first[1] then call("ZREM", set, first[1]) end
    if e and isOpen(e.state) then enqueue(e, laneOf(e.state), tonumber(first[2])) end
    if call("EXISTS", set) == 0 then call("SREM", parksOf(orderKey), park) end
  end
  -- Should the events that are in line now disappear, the others must not wait for them.
  if call("EXISTS", parksOf(orderKey)) == 1 then wakeAt(orderKey, moment + 60000) end
end

-- Gives the order key of an event back that is not claimed any more.
local function release(e, moment)
  if not e.orderKey then return end
  if call("GET", holdOf(e.orderKey)) == e.key then call("DEL", holdOf(e.orderKey)) end
  if call("EXISTS", parksOf(e.orderKey)) == 1 then unpark(e.orderKey, moment) end
end
`;

/** Reads events for the client. */
const READING = `
-- Returns the key, the fields, the body or whether there is one, and the history; nil when there is no such event.
local function read(key, withBody)
  local fields = call("HGETALL", entry(key))
  if #fields == 0 then return nil end
  return { key, fields, call(withBody and "GET" or "EXISTS", bodyOf(key)), call("GET", historyOf(key)) }
end

-- Returns the number of the first event that was received at a time or later; nil when there is none. Numbers and times grow together.
local function seqAt(source, ms)
  local all = of(source, "all")
  local low, high = 0, call("ZCARD", all)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local key = call("ZRANGE", all, middle, middle)[1]
    if tonumber(call("HGET", entry(key), "receivedAtMs") or 0) < ms then low = middle + 1 else high = middle end
  end
  return call("ZRANGE", all, low, low, "WITHSCORES")[2]
end
`;

/** What scripts share. `orders` needs `places`. */
type Part = "places" | "orders" | "reading";

const PARTS: Readonly<Record<Part, string>> = { places: PLACES, orders: ORDERS, reading: READING };

/** A Lua script. */
export interface Script {
  /** Its name in this code. */
  readonly name: string;
  /** The Lua. */
  readonly text: string;
}

/** Puts the parts that a script needs before it. */
export function scriptOf(name: string, parts: readonly Part[], body: string): Script {
  const main = parts.includes("places")
    ? `local function main()\n${body}\nend\nlocal result = main()\nwriteHours()\nreturn result`
    : body;
  return { name, text: [BEGINNING, ...parts.map((part) => PARTS[part]), main].join("\n") };
}
