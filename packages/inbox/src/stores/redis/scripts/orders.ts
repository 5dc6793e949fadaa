/**
 * Keeps order keys to one running lease each. `hold` has the event that was claimed last.
 *
 * A claim that finds an event whose order key is held parks it: it leaves the line, so that a million of them are not looked at again and again. When
 * the lease ends, or the event is settled, the first parked event of each name is back in line. `wake` has the order keys with parked events, by
 * when to look at them.
 */
export const ORDERS = `
local function holdOf(orderKey) return P .. ":hold:" .. orderKey end
local function parksOf(orderKey) return P .. ":parks:" .. orderKey end
local WAKE = P .. ":wake"

-- Returns until when another event holds the order key; nil when none does.
local function heldUntil(orderKey, key, moment)
  local holder = textAt(holdOf(orderKey))
  if not holder or holder == key then return nil end
  local known = fieldsOf(holder, "state", "dueAtMs")
  local due = num(known[2])
  if known[1] == "processing" and due and due > moment then return due end
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
    if first[1] then
      local lane, length, rest = string.match(park, "^(%a+):(%d+):(.*)$")
      call("ZREM", set, first[1])
      enqueue({ source = string.sub(rest, 1, length), name = string.sub(rest, length + 2), place = first[1] }, lane, tonumber(first[2]))
    end
    if call("EXISTS", set) == 0 then call("SREM", parksOf(orderKey), park) end
  end
  -- Should the events that are in line now disappear, the others must not wait for them.
  if call("EXISTS", parksOf(orderKey)) == 1 then wakeAt(orderKey, moment + 60000) end
end

-- Gives the order key of an event back that is not claimed any more.
local function release(e, moment)
  if not e.orderKey then return end
  if textAt(holdOf(e.orderKey)) == e.key then call("DEL", holdOf(e.orderKey)) end
  if call("EXISTS", parksOf(e.orderKey)) == 1 then unpark(e.orderKey, moment) end
end
`;
