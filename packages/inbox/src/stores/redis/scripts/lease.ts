import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/** ARGV: key, token, leaseMs. Returns 1, or 0 when the claimant no longer holds the lease. */
export const renewScript: Script = scriptOf(
  "renew",
  ["places"],
  `
local e = load(ARGV[1])
if not e or e.state ~= "processing" or e.token ~= ARGV[2] then return 0 end
call("ZREM", named(e.source, "leased", e.name), placeOf(e))
e.updatedAtMs = now()
e.dueAtMs = e.updatedAtMs + tonumber(ARGV[3])
call("ZADD", of(e.source, "due"), e.dueAtMs, e.key)
enqueue(e, "leased", e.dueAtMs)
call("HSET", entry(e.key), "dueAtMs", e.dueAtMs, "updatedAtMs", e.updatedAtMs)
return 1
`,
  REPEATABLE,
);

/** How many events a call looks at, those with the latest due times first: many may wait for a retry. */
const LOOKED_AT = 1_000;

/** ARGV: source. Corrects due times that were set by a clock that is set back now. Returns how many. */
export const correctDueTimesScript: Script = scriptOf(
  "correctDueTimes",
  ["places"],
  `
local source, moment, corrected = ARGV[1], now(), 0
for _, key in ipairs(call("ZREVRANGEBYSCORE", of(source, "due"), "+inf", moment + 1000, "LIMIT", 0, ${LOOKED_AT})) do
  local e = load(key)
  if e and e.dueAtMs and (e.state == "received" or e.updatedAtMs > moment + 1000) then
    local given = e.state == "processing" and math.max(0, e.dueAtMs - e.updatedAtMs) or 0
    e.dueAtMs = moment + given
    call("ZADD", of(source, "due"), e.dueAtMs, key)
    local isInLine = call("ZREM", named(source, laneOf(e.state), e.name), placeOf(e)) == 1
    if isInLine then enqueue(e, laneOf(e.state), e.dueAtMs) end
    call("HSET", entry(key), "dueAtMs", e.dueAtMs, "updatedAtMs", moment)
    corrected = corrected + 1
  end
end
return corrected
`,
);

/** ARGV: the settlements as JSON. Returns for each 1, or 0 as above, or the text of an error: one that fails does not fail the others. */
export const settleScript: Script = scriptOf(
  "settle",
  ["places", "orders"],
  `
local moment = now()
local function settle(s)
  local e = load(s.key)
  if not e or e.state ~= "processing" or e.token ~= s.token then return 0 end
  leave(e)
  setNote(e, s.note or false)
  e.state, e.updatedAtMs, e.token = s.state, moment, false
  e.dueAtMs = isOpen(s.state) and moment + (s.delayMs or 0)
  if not s.counts then e.attempts = e.attempts - 1 end
  save(e, true)
  if s.history then call("SET", historyOf(s.key), s.history) end
  release(e, moment)
  return 1
end
local results = {}
for i, s in ipairs(cjson.decode(ARGV[1])) do
  local isDone, result = pcall(settle, s)
  if not isDone and isRefused(textOf(result)) then return redis.error_reply(textOf(result)) end
  results[i] = isDone and result or textOf(result)
end
return results
`,
  REPEATABLE,
);

/** ARGV: orderKey. Returns the latest time of the handled events of that order, or nil. */
export const newestDoneScript: Script = scriptOf(
  "newestDone",
  [],
  `
return call("ZREVRANGE", orderOf(ARGV[1]), 0, 0, "WITHSCORES")[2]
`,
  REPEATABLE,
);
