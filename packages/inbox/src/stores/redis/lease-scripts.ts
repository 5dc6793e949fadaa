import { type Script, scriptOf } from "./script.ts";

/** How many waiting events of each name one claim looks at, at most: those of an order that is held stand in the way of the others. */
const CLAIM_LOOKS = 2_000;

/**
 * ARGV: a request as JSON. Returns the claimed events, each as its hash, its headers and its body.
 *
 * An order key is held by the event that was claimed last, as long as that event is in processing and its lease runs.
 */
export const claimScript: Script = scriptOf(
  "claim",
  `
local request = cjson.decode(ARGV[1])
local source, limit, which, only = request.source, request.limit, request.which, request.key
local excluded, excepted, wanted = {}, {}, nil
for _, key in ipairs(request.exclude) do excluded[key] = true end
for _, name in ipairs(request.exceptNames) do excepted[name] = true end
for _, name in ipairs(redis.call("SMEMBERS", of(source, "paused"))) do excepted[name] = true end
if request.onlyNames ~= cjson.null then
  wanted = {}
  for _, name in ipairs(request.onlyNames) do wanted[name] = true end
end
local waits = request.crashWaitsMs
local taken = {}
local function isNamed(name) return not excepted[name] and (not wanted or wanted[name]) end
local function isHeld(key, orderKey)
  if not orderKey then return false end
  if taken[orderKey] then return true end
  local other = redis.call("GET", holder(orderKey))
  if not other or other == key then return false end
  local known = redis.call("HMGET", event(other), "state", "dueAtMs")
  return known[1] == "processing" and tonumber(known[2]) > moment
end
-- The event if this request may claim it.
local function claimable(key)
  if excluded[key] then return nil end
  local known = redis.call("HMGET", event(key), "source", "name", "state", "dueAtMs", "crashes", "orderKey", "seq")
  if not known[1] then remove(key, source) return nil end
  if known[1] ~= source or not known[4] or not isNamed(known[2]) then return nil end
  local due = tonumber(known[4])
  if known[3] == "processing" then due = due + waits[math.min(tonumber(known[5]) + 1, #waits)] end
  if due > moment or isHeld(key, known[6]) then return nil end
  return { key = key, at = tonumber(known[4]), order = known[6], seq = tonumber(known[7]) }
end
local due = {}
local function isBefore(a, b) return a.at < b.at or (a.at == b.at and a.seq < b.seq) end
-- The first events of a set that may be claimed. Of each order only the first one is taken along.
local function look(set)
  local found, offset = 0, 0
  local orders = {}
  while found < limit and offset < ${CLAIM_LOOKS} do
    local keys = redis.call("ZRANGEBYSCORE", set, "-inf", moment, "LIMIT", offset, limit + #request.exclude)
    if #keys == 0 then return end
    offset = offset + #keys
    for _, key in ipairs(keys) do
      local one = claimable(key)
      local first = one and one.order and orders[one.order]
      if first then
        -- Events that are due at the same time are sorted by their keys in a set.
        if isBefore(one, first) then for name, value in pairs(one) do first[name] = value end end
      elseif one then
        if one.order then orders[one.order] = one end
        due[#due + 1] = one
        found = found + 1
      end
    end
  end
end
if only ~= cjson.null then
  due[1] = claimable(only)
else
  if which ~= "abandoned" then
    for _, name in ipairs(redis.call("SMEMBERS", of(source, "names"))) do
      if isNamed(name) then look(of(source, "waiting:" .. name)) end
    end
  end
  if which ~= "waiting" then look(of(source, "leased")) end
  table.sort(due, isBefore)
end
local claimed = {}
for _, one in ipairs(due) do
  if #claimed == limit then break end
  if not (one.order and taken[one.order]) then
    local key = one.key
    local place = placeOf(key)
    local known = redis.call("HMGET", event(key), "attempts", "crashes", "startedAtMs")
    local attempts, crashes = tonumber(known[1]), tonumber(known[2])
    -- A removal comes first: see the prelude.
    leave(key, place)
    if place.state == "processing" then
      crashes = crashes + 1
      addLine(key, '{"kind":"attempt","number":' .. attempts .. ',"at":' .. (known[3] or place.updatedAtMs) .. ',"outcome":"crashed"}')
    end
    local e, at = event(key), digits(moment)
    if crashes >= request.maxCrashes then
      redis.call("HDEL", e, "token", "dueAtMs")
      redis.call("HSET", e, "state", "dead", "note", "abandoned", "crashes", crashes, "updatedAtMs", at)
      release(key)
    else
      redis.call("HSET", e, "state", "processing", "token", request.token, "attempts", attempts + 1, "crashes", crashes,
        "startedAtMs", at, "updatedAtMs", at, "dueAtMs", digits(moment + request.leaseMs))
      if one.order then
        taken[one.order] = true
        redis.call("SET", holder(one.order), key)
      end
    end
    redis.call("HINCRBY", e, "fence", 1)
    enter(key, placeOf(key))
    claimed[#claimed + 1] = { redis.call("HGETALL", e), redis.call("HMGET", body(key), "headers", "body") }
  end
end
return claimed
`,
);

/** ARGV: key, token, leaseMs. Returns 1, or 0 when the claimant no longer holds the lease. */
export const renewScript: Script = scriptOf(
  "renew",
  `
local key, token, leaseMs = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.call("HMGET", event(key), "state", "token", "source")
if known[1] ~= "processing" or known[2] ~= token then return 0 end
local due = digits(moment + leaseMs)
redis.call("ZREM", of(known[3], "leased"), key)
redis.call("ZADD", of(known[3], "leased"), due, key)
redis.call("HSET", event(key), "dueAtMs", due)
return 1
`,
);

/**
 * ARGV: how many settlements, and for each: key, token, state, delayMs or "", how many attempts not to count, "=" and the note or "", "=" and the
 * history or "". Returns for each 1, or 0 as above.
 */
export const settleScript: Script = scriptOf(
  "settle",
  `
local function settle(key, token, state, delayMs, uncounted, note, history)
  local known = redis.call("HMGET", event(key), "state", "token", "attempts", "orderKey", "orderAtMs")
  if known[1] ~= "processing" or known[2] ~= token then return 0 end
  local fields = { "state", state, "updatedAtMs", digits(moment), "attempts", tonumber(known[3]) - uncounted }
  local gone = { "token" }
  local function set(name, value) fields[#fields + 1] = name fields[#fields + 1] = value end
  if delayMs then set("dueAtMs", digits(moment + delayMs)) else gone[#gone + 1] = "dueAtMs" end
  if note ~= "" then set("note", string.sub(note, 2)) else gone[#gone + 1] = "note" end
  if history ~= "" then set("history", string.sub(history, 2)) end
  change(key, placeOf(key), fields, gone)
  release(key)
  if state == "done" and note == "" and known[4] and known[5] then redis.call("ZADD", order(known[4]), known[5], key) end
  return 1
end
local results = {}
for i = 1, tonumber(ARGV[1]) do
  local at = 7 * (i - 1) + 2
  results[i] = settle(ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]), ARGV[at + 5], ARGV[at + 6])
end
return results
`,
);

/** ARGV: orderKey. Returns the latest time of the handled events of that order, or nil. */
export const newestDoneScript: Script = scriptOf(
  "newestDone",
  `
return redis.call("ZREVRANGE", order(ARGV[1]), 0, 0, "WITHSCORES")[2]
`,
);
