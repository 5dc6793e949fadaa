import { HISTORY_LINES } from "../../../ports/stored-event.ts";
import { luaFormat } from "./lua-format.ts";
import { type Script, scriptOf } from "./script.ts";

const CRASHED = luaFormat(HISTORY_LINES.crashed(1001, 1002), [1001, 1002]);

/** How many events that cannot be claimed one call looks at: each is then parked, and not looked at again before its time. */
const PASSED = 500;

/**
 * ARGV: the request as JSON. Returns whether there may be more events to claim, the time, what cannot be claimed, as `troublesOf` reads it, and the claimed
 * events: of each a list of values, as `claimedOf` reads it.
 */
export const claimScript: Script = scriptOf(
  "claim",
  ["places", "orders", "reading"],
  `
local q = cjson.decode(ARGV[1])
local source, moment, limit = q.source, now(), q.limit
local function setOf(list)
  local set = {}
  for _, one in ipairs(list) do set[one] = true end
  return set
end
local excluded, blocked = setOf(q.exclude), setOf(q.exceptNames)
for _, name in ipairs(call("SMEMBERS", of(source, "paused"))) do blocked[name] = true end
local only = q.onlyNames and setOf(q.onlyNames)

local function readyAt(e)
  if e.state ~= "processing" then return e.dueAtMs end
  return e.dueAtMs + q.crashWaitsMs[math.min(e.crashes + 1, #q.crashWaitsMs)]
end

local claimed, passed = {}, 0
local function claim(e)
  leave(e)
  local isAbandoned = e.state == "processing"
  if isAbandoned then
    e.crashes = e.crashes + 1
    addLine(e.key, string.format(${CRASHED}, e.attempts, e.startedAtMs or e.updatedAtMs))
  end
  local isSpent = e.crashes >= q.maxCrashes
  e.state, e.updatedAtMs, e.fence = isSpent and "dead" or "processing", moment, e.fence + 1
  e.dueAtMs, e.token = not isSpent and moment + q.leaseMs, not isSpent and q.token
  if not isSpent then e.attempts, e.startedAtMs = e.attempts + 1, moment end
  save(e, true)
  if isSpent then
    setNote(e, "abandoned")
    release(e, moment)
  elseif e.orderKey then hold(e) end
  claimed[#claimed + 1] = { e.key, e.source, e.state, e.seq, e.eventId, e.name, e.recordId, e.hash, e.orderKey, e.orderAtMs, e.attempts,
    e.crashes, e.fence, e.receivedAtMs, textAt(bodyOf(e.key)), textAt(historyOf(e.key)) }
end

-- What cannot be claimed, for the operator: each is a name, a key and an error, or no error when its data are gone.
local troubles = {}

-- Whether an event is what its place in line says. What was edited by hand is repaired, or the event goes where it belongs.
local function isInPlace(e, lane, name, place, at)
  local seq = tonumber(string.sub(place, 1, 12), 16)
  if e.seq == seq and e.name == name and e.source == source and e.dueAtMs and isOpen(e.state) and laneOf(e.state) == lane then return true end
  call("ZREM", named(source, lane, name), place)
  if isFinished(e.state) then
    leaveStates(source, name, e.key)
    e.source, e.name, e.wasOpen = source, name, true
    enter(e, call("EXISTS", bodyOf(e.key)) == 1)
    return false
  end
  if isOpen(e.state) and call("ZSCORE", named(e.source, laneOf(e.state), e.name), placeOf(e)) then return false end
  if not isOpen(e.state) then e.state = lane == "leased" and "processing" or "received" end
  e.seq, e.name, e.source, e.place, e.dueAtMs = seq, name, source, place, e.dueAtMs or at
  call("HSET", entry(e.key), "seq", seq, "name", name, "source", source, "state", e.state, "dueAtMs", e.dueAtMs)
  enqueue(e, laneOf(e.state), e.dueAtMs)
  return laneOf(e.state) == lane
end

-- Looks at one event of a line. Returns whether it stays where it is.
local function lookAt(lane, name, place, at)
  local key = string.sub(place, 13)
  if excluded[key] then return true end
  local e = load(key)
  passed = passed + 1
  if not e then
    troubles[#troubles + 1] = { name, key }
    call("ZREM", named(source, lane, name), place)
    return lose(key, source)
  end
  if not isInPlace(e, lane, name, place, at) then return end
  local ready = readyAt(e)
  local held = e.orderKey and heldUntil(e.orderKey, key, moment)
  if ready > moment then
    call("ZREM", named(source, lane, name), place)
    enqueue(e, lane, ready)
  elseif held then park(e, lane, at, held)
  else
    passed = passed - 1
    claim(e)
  end
end

-- An event that makes the script fail must not stop the others. It is looked at again in a minute.
local function look(lane, name, place, at)
  local isDone, result = pcall(lookAt, lane, name, place, at)
  if isDone then return result end
  if isRefused(textOf(result)) then error(result) end
  troubles[#troubles + 1] = { name, string.sub(place, 13), textOf(result) }
  enqueue({ source = source, name = name, place = place }, lane, moment + 60000)
end

local function answer(more) return { more, moment, troubles, unpack(claimed) } end

if q.key then
  local e = load(q.key)
  if not e and call("ZSCORE", of(source, "due"), q.key) then
    troubles[1] = { "", q.key }
    lose(q.key, source)
  end
  if e and e.source == source and isOpen(e.state) and e.dueAtMs and readyAt(e) <= moment and not excluded[q.key] and not blocked[e.name]
    and (not only or only[e.name]) and not (e.orderKey and heldUntil(e.orderKey, q.key, moment)) then look(laneOf(e.state), e.name, placeOf(e), e.dueAtMs) end
  return answer(0)
end

for _, orderKey in ipairs(call("ZRANGEBYSCORE", WAKE, "-inf", moment, "LIMIT", 0, 100)) do
  local held = heldUntil(orderKey, "", moment)
  if held then wakeAt(orderKey, held) else unpark(orderKey, moment) end
end

-- The names that may have a due event, the longest due first.
local function namesOf(lane)
  if only then return q.onlyNames end
  local skipped = #q.exclude
  for _ in pairs(blocked) do skipped = skipped + 1 end
  return call("ZRANGEBYSCORE", of(source, lane), "-inf", moment, "LIMIT", 0, limit + skipped)
end

local lines, isStale, share = {}, false, limit
-- Reads the next events of a line. One without a due event is over, and the name's place among the others is set right.
local function fill(line)
  line.found = call("ZRANGEBYSCORE", line.set, "-inf", moment, "WITHSCORES", "LIMIT", line.stays, share)
  line.at = 1
  line.score = tonumber(line.found[2] or "")
  if line.score or line.stays > 0 then return end
  isStale = true
  local first = call("ZRANGE", line.set, 0, 0, "WITHSCORES")[2]
  call("ZREM", of(source, line.lane), line.name)
  heads[line.set] = nil
  if first then call("ZADD", of(source, line.lane), first, line.name) end
end

local function open()
  lines, isStale = {}, false
  for _, lane in ipairs({ "waiting", "leased" }) do
    if q.which == "any" or (lane == "leased") == (q.which == "abandoned") then
      local names = namesOf(lane)
      share = math.ceil(limit / math.max(1, #names))
      for _, name in ipairs(names) do
        if not blocked[name] then
          local line = { lane = lane, name = name, set = named(source, lane, name), stays = 0 }
          fill(line)
          if line.score then lines[#lines + 1] = line end
        end
      end
    end
  end
end

-- A name whose first event is not due any more may have hidden one behind it.
for _ = 1, 5 do
  open()
  if not isStale or only then break end
end

local function isBefore(one, other)
  return one.score < other.score or (one.score == other.score and one.found[one.at] < other.found[other.at])
end

while #claimed < limit and passed < ${PASSED} do
  local best
  for _, line in ipairs(lines) do
    if line.score and (not best or isBefore(line, best)) then best = line end
  end
  if not best then break end
  if look(best.lane, best.name, best.found[best.at], best.score) then best.stays = best.stays + 1 end
  best.at = best.at + 2
  best.score = tonumber(best.found[best.at + 1] or "")
  if not best.score then fill(best) end
end
return answer(#claimed == 0 and (passed >= ${PASSED} or isStale) and 1 or 0)
`,
);
