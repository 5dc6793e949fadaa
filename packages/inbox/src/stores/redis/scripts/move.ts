import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/**
 * Decides what to do with keys that are older than this version, and returns "moving" when there are events of version 1.
 *
 * From here on a process of version 1 that still runs can store no new event: its counter is no number any more, and counting is the first thing
 * that its script does. Its check of the version refuses "1 moving" too. It still knows the events that are not moved yet, and calls their deliveries
 * duplicates, which is true.
 */
export const openScript: Script = scriptOf(
  "open",
  [],
  `
local version = call("GET", P .. ":schema")
local last = call("GET", P .. ":seq")
if version and string.sub(version, 1, 1) ~= "1" then return "ready" end
if not version and not last then
  call("SET", P .. ":schema", "2")
  call("SET", P .. ":seq", "see the keys of version 2")
  return "ready"
end
if tonumber(last or 0) then call("SET", P .. ":sequence", last or 0) end
call("SET", P .. ":seq", "see the keys of version 2")
call("SET", P .. ":schema", "1 moving")
return "moving"
`,
  REPEATABLE,
);

/** How many keys of the server one call of {@link closeScript} looks at, and how many events one of {@link moveScript} moves: other clients wait meanwhile. */
const SCAN_STEP = 2_000;
const MOVE_STEP = 200;

/**
 * ARGV: where to continue, "0" at first. Takes the sets of version 1 away from each source that it finds, and leaves texts in their places, so that scripts
 * of version 1 fail before they change anything. Returns where to continue, "0" at the end.
 */
export const closeScript: Script = scriptOf(
  "close",
  [],
  `
local first, last = P .. ":of:", ":all"
local pattern = string.gsub(P, "[%*%?%[%]%^\\\\]", "\\\\%0") .. ":of:*" .. last
local found = call("SCAN", ARGV[1], "MATCH", pattern, "COUNT", ${SCAN_STEP})
for _, all in ipairs(found[2]) do
  if call("TYPE", all).ok == "zset" then
    local source = string.sub(all, #first + 1, -#last - 1)
    call("RENAME", all, P .. ":moving:" .. source)
    call("SADD", P .. ":moving", source)
    for _, set in ipairs({ "all", "waiting", "leased", "kept", "tombs" }) do call("SET", first .. source .. ":" .. set, "moved") end
    for _, state in ipairs(STATES) do call("SET", first .. source .. ":state:" .. state, "moved") end
  end
end
return found[1]
`,
  REPEATABLE,
);

/**
 * Moves some events of version 1, each from its old hash to the new keys. Returns 1 when there may be more, and 0 when all are moved: then the keys
 * have version 2.
 */
export const moveScript: Script = scriptOf(
  "move",
  ["places", "orders"],
  `
local moment = now()
local function move(key, source)
  local old, e = P .. ":event:" .. key, entry(key)
  if call("EXISTS", old) == 0 or call("EXISTS", e) == 1 then return end
  local content = call("HMGET", old, "body", "headers")
  call("RENAME", old, e)
  call("HDEL", e, "key", "body", "headers")
  if content[1] then
    local headers = content[2] or "{}"
    call("SET", bodyOf(key), #headers .. "\\n" .. headers .. content[1])
  end
  local event = load(key)
  call("ZADD", of(source, "all"), event.seq, key)
  call("SADD", of(source, "names"), event.name)
  call("ZADD", of(source, "unindexed"), event.seq, key)
  if event.state == "rejected" then call("ZADD", of(source, "rejected"), event.seq, key) end
  if event.note then call("ZADD", noted(source, event.note), event.seq, key) end
  enter(event, content[1])
  if event.state ~= "rejected" then
    tally(source, event.receivedAtMs, "received", 1)
    tally(source, event.receivedAtMs, "duplicates", tonumber(call("HGET", e, "duplicates") or 0))
  end
  -- In version 1, several events of an order key could be claimed. The longest lease holds it.
  if event.state == "processing" and event.orderKey then
    local held = heldUntil(event.orderKey, key, moment)
    if not held or held < event.dueAtMs then hold(event) end
  end
end
local source = call("SRANDMEMBER", P .. ":moving")
if not source then
  if call("GET", P .. ":schema") == "1 moving" then call("SET", P .. ":schema", "2") end
  return 0
end
local set = P .. ":moving:" .. source
local keys = call("ZRANGE", set, 0, ${MOVE_STEP - 1})
for _, key in ipairs(keys) do move(key, source) end
if #keys == 0 then call("SREM", P .. ":moving", source) else call("ZREM", set, unpack(keys)) end
return 1
`,
  REPEATABLE,
);
