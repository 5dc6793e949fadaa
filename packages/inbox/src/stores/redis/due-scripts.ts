import { type Script, scriptOf } from "./script.ts";

/** ARGV: source, lateMs, limit, and the time and key of the last event of the page before, if any. Returns key, due time and lateness of each event. */
export const overdueScript: Script = scriptOf(
  "overdue",
  `
local source, lateMs, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local from, last = ARGV[4] or "-inf", ARGV[5] or ""
local moment = now()
local late = {}
for _, set in ipairs({ "waiting", "leased" }) do
  local name = of(source, set)
  -- Of those that were due with the last one, any may come before it.
  local passed = ARGV[4] and redis.call("ZCOUNT", name, from, from) or 0
  local found = redis.call("ZRANGEBYSCORE", name, from, moment - lateMs, "WITHSCORES", "LIMIT", 0, limit + passed)
  for i = 1, #found, 2 do
    local key, at = found[i], tonumber(found[i + 1])
    if not ARGV[4] or at > tonumber(from) or key > last then late[#late + 1] = { key, at } end
  end
end
table.sort(late, function(a, b) return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1]) end)
local page = {}
for i = 1, math.min(limit, #late) do page[i] = { late[i][1], late[i][2], moment - late[i][2] } end
return page
`,
);

/** ARGV: key. Returns how long it is until the event is due, or nil. */
export const dueInScript: Script = scriptOf(
  "dueInMs",
  `
local due = redis.call("HGET", event(ARGV[1]), "dueAtMs")
return due and tonumber(due) - now()
`,
);
