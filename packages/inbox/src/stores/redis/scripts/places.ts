/** Moves events between the sets of their states, and counts them by the hour of their arrival for timelines. */
export const PLACES = `
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
      local count = by ~= 0 and redis.pcall("HINCRBY", set, field, by)
      -- What counts for timelines must not fail what it counts.
      if type(count) == "table" then redis.pcall("HSET", set, field, by) elseif count == 0 then call("HDEL", set, field) end
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

-- Takes an event out of the sets of all states: its own was edited by hand.
local function leaveStates(source, name, key)
  for _, state in ipairs(STATES) do call("ZREM", named(source, "in:" .. state, name), key) end
end

-- Takes an event out of every set that its state has put it into, but for "due": it may stay there with another time.
local function leave(e)
  e.wasOpen = isOpen(e.state)
  tallyState(e, -1)
  if e.wasOpen or isFinished(e.state) then call("ZREM", named(e.source, "in:" .. e.state, e.name), e.key)
  else leaveStates(e.source, e.name, e.key) end
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
  local before = textAt(historyOf(key))
  if before then call("APPEND", historyOf(key), "\\n" .. line) else call("SET", historyOf(key), line) end
end

local function eachTag(e, run)
  for tag in string.gmatch(e.tags or fieldsOf(e.key, "tags")[1] or "", "%S+") do run(of(e.source, "tag:" .. tag)) end
end

local function untag(e)
  eachTag(e, function(set) call("ZREM", set, e.key) end)
  call("ZREM", of(e.source, "unindexed"), e.key)
end

-- Takes an event that was evicted, deleted by hand or replaced by something else out of every set that claims and prunes see: it would be in the way of
-- all others. When it is delivered again, it is a new one.
local function lose(key, source)
  for _, set in ipairs({ "all", "due", "kept", "dead", "tombs", "rejected", "unindexed" }) do call("ZREM", of(source, set), key) end
  for _, name in ipairs(call("SMEMBERS", of(source, "names"))) do leaveStates(source, name, key) end
  call("UNLINK", entry(key), bodyOf(key), historyOf(key))
end

-- Forgets a finished event altogether.
local function remove(key, source)
  local e = load(key)
  if not e then return lose(key, source) end
  leave(e)
  untag(e)
  if e.state ~= "rejected" then
    tally(source, e.receivedAtMs, "received", -1)
    tally(source, e.receivedAtMs, "duplicates", -num(fieldsOf(key, "duplicates")[1], 0))
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
