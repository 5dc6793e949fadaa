import { HISTORY_LINES } from "../../../ports/stored-event.ts";
import { luaFormat } from "./lua-format.ts";
import { type Script, scriptOf } from "./script.ts";

const DONE = luaFormat(HISTORY_LINES.done(1001, 1002, 1003, "(note)"), [1001, 1002, 1003, "(note)"]);
const DONE_WITHOUT_NOTE = luaFormat(HISTORY_LINES.done(1001, 1002, 1003, null), [1001, 1002, 1003]);
const REDRIVEN = luaFormat(HISTORY_LINES.redrive(1001), [1001]);
const ERASED = luaFormat(HISTORY_LINES.erase(1001), [1001]);

/** ARGV: 1 to redrive handled events too, and the keys. Returns a result for each key. */
export const redriveScript: Script = scriptOf(
  "redrive",
  ["places", "orders"],
  `
local isForced, moment = ARGV[1] == "1", now()
local function redrive(key)
  local e = load(key)
  if not e then return "unknown" end
  if e.note == "erased" then return "erased" end
  if e.state == "received" or e.state == "processing" or e.state == "rejected" then return e.state end
  if call("EXISTS", bodyOf(key)) == 0 then return "pruned" end
  local note = e.note
  if e.state == "done" and note ~= "unhandled" and note ~= "superseded" and not isForced then return "done" end
  leave(e)
  if e.state == "done" and e.startedAtMs then
    local took = e.updatedAtMs - e.startedAtMs
    addLine(key, note and string.format(${DONE}, e.attempts, e.startedAtMs, took, note)
      or string.format(${DONE_WITHOUT_NOTE}, e.attempts, e.startedAtMs, took))
  end
  addLine(key, string.format(${REDRIVEN}, moment))
  if e.state ~= "retry" then
    e.state, e.attempts, e.crashes = "received", 0, 0
    setNote(e, false)
  end
  if note == "superseded" then
    e.orderKey, e.orderAtMs = false, false
    call("HDEL", entry(key), "orderKey", "orderAtMs")
  end
  e.updatedAtMs, e.dueAtMs = moment, moment
  save(e, true)
  return "redriven"
end
local results = {}
for i = 2, #ARGV do results[i - 1] = redrive(ARGV[i]) end
return results
`,
);

/** ARGV: the keys. Returns how many were erased. */
export const eraseScript: Script = scriptOf(
  "erase",
  ["places", "orders"],
  `
local moment, erased = now(), 0
local function erase(key)
  local e = load(key)
  if not e or e.note == "erased" then return end
  leave(e)
  untag(e)
  call("UNLINK", bodyOf(key), historyOf(key))
  call("HDEL", entry(key), "eventId", "recordId", "orderKey", "orderAtMs", "conflictHash", "token")
  release(e, moment)
  if e.state == "processing" then e.fence = e.fence + 1 end
  if isOpen(e.state) then e.state, e.updatedAtMs = "done", moment end
  setNote(e, "erased")
  e.dueAtMs, e.token, e.orderKey = false, false, false
  save(e, false)
  call("HSET", entry(key), "hash", "", "tags", "")
  call("SET", historyOf(key), string.format(${ERASED}, moment))
  erased = erased + 1
end
for _, key in ipairs(ARGV) do erase(key) end
return erased
`,
);

/** ARGV: source, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit. Returns how many bodies, how many of dead events, and how many events were deleted. */
export const pruneScript: Script = scriptOf(
  "prune",
  ["places"],
  `
local source, limit, moment = ARGV[1], tonumber(ARGV[5]), now()
local function pruneBodies(set, olderThanMs, most)
  local found = call("ZRANGEBYSCORE", of(source, set), "-inf", moment - tonumber(olderThanMs), "WITHSCORES", "LIMIT", 0, most)
  for i = 1, #found, 2 do
    call("UNLINK", bodyOf(found[i]))
    call("ZREM", of(source, set), found[i])
    call("ZADD", of(source, "tombs"), found[i + 1], found[i])
  end
  return #found / 2
end
local dead = pruneBodies("dead", ARGV[3], limit)
local kept = pruneBodies("kept", ARGV[2], limit - dead)
local rows = call("ZRANGEBYSCORE", of(source, "tombs"), "-inf", moment - tonumber(ARGV[4]), "LIMIT", 0, limit)
for _, key in ipairs(rows) do remove(key, source) end
return { dead + kept, dead, #rows }
`,
);
