import { type Script, scriptOf } from "./script.ts";

/** ARGV: force (1 or 0), and the keys. Returns for each how it went. */
export const redriveScript: Script = scriptOf(
  "redrive",
  `
local force = ARGV[1] == "1"
local function redrive(key)
  local place = placeOf(key)
  if not place then return "unknown" end
  if place.note == "erased" then return "erased" end
  if place.state == "received" or place.state == "processing" or place.state == "rejected" then return place.state end
  if place.kept ~= "1" then return "pruned" end
  local isNotHandled = place.note == "unhandled" or place.note == "superseded"
  if place.state == "done" and not isNotHandled and not force then return "done" end
  local known = redis.call("HMGET", event(key), "attempts", "startedAtMs", "orderKey")
  if place.state == "done" and known[2] then
    addLine(key, '{"kind":"attempt","number":' .. known[1] .. ',"at":' .. known[2] .. ',"durationMs":'
      .. digits(tonumber(place.updatedAtMs) - tonumber(known[2])) .. ',"outcome":"' .. (place.note or "done") .. '"}')
  end
  addLine(key, '{"kind":"redrive","at":' .. digits(moment) .. '}')
  local fields, gone = { "dueAtMs", digits(moment), "updatedAtMs", digits(moment) }, { "token" }
  if place.state ~= "retry" then
    for _, value in ipairs({ "state", "received", "attempts", 0, "crashes", 0 }) do fields[#fields + 1] = value end
    gone[#gone + 1] = "note"
  end
  if known[3] then redis.call("ZREM", order(known[3]), key) end
  if place.note == "superseded" then gone[#gone + 1] = "orderKey" gone[#gone + 1] = "orderAtMs" end
  change(key, place, fields, gone)
  return "redriven"
end
local results = {}
for i = 2, #ARGV do results[i - 1] = redrive(ARGV[i]) end
return results
`,
);

/** ARGV: the keys. Returns how many events were erased. */
export const eraseScript: Script = scriptOf(
  "erase",
  `
local erased = 0
for _, key in ipairs(ARGV) do
  local place = placeOf(key)
  if place and place.note ~= "erased" then
    local orderKey = redis.call("HGET", event(key), "orderKey")
    if orderKey then redis.call("ZREM", order(orderKey), key) end
    release(key)
    unindexTags(key, place.source)
    redis.call("UNLINK", body(key))
    if place.state == "processing" then redis.call("HINCRBY", event(key), "fence", 1) end
    local fields = { "hash", "", "note", "erased", "kept", "0", "tags", "", "history", '{"kind":"erase","at":' .. digits(moment) .. '}' }
    if OPEN[place.state] then
      for _, value in ipairs({ "state", "done", "updatedAtMs", digits(moment) }) do fields[#fields + 1] = value end
    end
    change(key, place, fields, { "eventId", "recordId", "orderKey", "orderAtMs", "conflictHash", "token", "dueAtMs" })
    erased = erased + 1
  end
end
return erased
`,
);

/** ARGV: source, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit. Returns how many bodies, dead events among them, and events were deleted. */
export const pruneScript: Script = scriptOf(
  "prune",
  `
local source, limit = ARGV[1], tonumber(ARGV[5])
local function old(set, ageMs) return redis.call("ZRANGEBYSCORE", of(source, set), "-inf", moment - tonumber(ageMs), "LIMIT", 0, limit) end
local function pruneBodies(set, ageMs)
  local keys = old(set, ageMs)
  for _, key in ipairs(keys) do
    local place = placeOf(key)
    redis.call("UNLINK", body(key))
    if place then change(key, place, { "kept", "0" }, {}) else remove(key, source) redis.call("ZREM", of(source, set), key) end
  end
  return #keys
end
local bodies, dead = pruneBodies("kept", ARGV[2]), pruneBodies("dead", ARGV[3])
local rows = old("tombs", ARGV[4])
for _, key in ipairs(rows) do remove(key, source) end
return { bodies + dead, dead, #rows }
`,
);

/** ARGV: as JSON, a list of key, recordId and tags, the name's first. Sets them on events that have none. */
export const indexScript: Script = scriptOf(
  "index",
  `
for _, entry in ipairs(cjson.decode(ARGV[1])) do
  local known = redis.call("HMGET", event(entry.key), "source", "seq")
  if known[1] and redis.call("ZREM", of(known[1], "unindexed"), entry.key) == 1 then
    redis.call("HSET", event(entry.key), "tags", entry.tags)
    if entry.recordId ~= cjson.null then redis.call("HSET", event(entry.key), "recordId", entry.recordId) end
    indexTags(entry.key, known[1], known[2])
  end
end
`,
);
