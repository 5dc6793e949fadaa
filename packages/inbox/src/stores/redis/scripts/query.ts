import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/** ARGV: key. Returns the event with its body. */
export const getScript: Script = scriptOf("get", ["reading"], `return read(ARGV[1], true)`, REPEATABLE);

/** How many events one call of {@link listScript} looks at, and how many bytes of bodies it returns: other clients wait meanwhile. */
const LIST_STEP = 500;
const LIST_BYTES = 4 * 1024 * 1024;

/**
 * ARGV: the query as JSON. Returns where to continue, or false at the end, and then the events that it found.
 *
 * An event that cannot be read is returned as its key alone.
 *
 * Each condition is a union of sets. The script walks the smallest union, and looks up the others.
 */
export const listScript: Script = scriptOf(
  "list",
  ["reading"],
  `
local q = cjson.decode(ARGV[1])
local source, low, high = q.source, "-inf", q.beforeSeq and "(" .. string.format("%d", q.beforeSeq) or "+inf"
if q.sinceMs > 0 then
  low = seqAt(source, q.sinceMs)
  if not low then return { false } end
end
if q.untilMs then
  local seq = seqAt(source, q.untilMs)
  if seq and (not q.beforeSeq or tonumber(seq) < q.beforeSeq) then high = "(" .. seq end
end

local unions = {}
if q.name or q.state then
  local sets = {}
  for _, name in ipairs(q.name and { q.name } or call("SMEMBERS", of(source, "names"))) do
    for _, state in ipairs(q.state and { q.state } or STATES) do sets[#sets + 1] = named(source, "in:" .. state, name) end
  end
  unions[1] = sets
end
if q.note then unions[#unions + 1] = { noted(source, q.note) } end
for _, tags in ipairs(q.tags) do
  local sets = {}
  for _, tag in ipairs(tags) do sets[#sets + 1] = of(source, "tag:" .. tag) end
  unions[#unions + 1] = sets
end
if #unions == 0 then unions[1] = { of(source, "all") } end

local smallest, fewest
for _, sets in ipairs(unions) do
  local size = 0
  for _, set in ipairs(sets) do size = size + call("ZCOUNT", set, low, high) end
  if not fewest or size < fewest then smallest, fewest = sets, size end
end

local walks = {}
local function fill(walk)
  walk.found = call("ZREVRANGEBYSCORE", walk.set, walk.from, low, "WITHSCORES", "LIMIT", 0, #smallest > 8 and 16 or 100)
  walk.at = 1
end
for _, set in ipairs(smallest) do
  local walk = { set = set, from = high }
  fill(walk)
  walks[#walks + 1] = walk
end
local function nextOne()
  local best
  for _, walk in ipairs(walks) do
    if walk.found[walk.at] and (not best or tonumber(walk.found[walk.at + 1]) > tonumber(best.found[best.at + 1])) then best = walk end
  end
  if not best then return nil end
  local key, seq = best.found[best.at], best.found[best.at + 1]
  best.at, best.from = best.at + 2, "(" .. seq
  if not best.found[best.at] and #best.found > 0 then fill(best) end
  return key, seq
end

local function isIn(sets, key)
  for _, set in ipairs(sets) do
    if call("ZSCORE", set, key) then return true end
  end
  return false
end
local function matches(key)
  for _, sets in ipairs(unions) do
    if sets ~= smallest and not isIn(sets, key) then return false end
  end
  local at = num(fieldsOf(key, "receivedAtMs")[1], q.sinceMs)
  return at >= q.sinceMs and (not q.untilMs or at < q.untilMs)
end

local listed, bytes, last = { false }, 0, nil
for _ = 1, ${LIST_STEP} do
  if #listed > q.limit then break end
  local key, seq = nextOne()
  if not key then return listed end
  if key ~= last and matches(key) then
    local found = read(key, q.bodies)
    if q.bodies and found and found[3] then bytes = bytes + #found[3] end
    listed[#listed + 1] = found
  end
  last = key
  if bytes > ${LIST_BYTES} then
    listed[1] = seq
    return listed
  end
  listed.seq = seq
end
listed[1] = listed.seq
return listed
`,
  REPEATABLE,
);

/**
 * ARGV: source, lateMs, limit, and the time and key of the last event of the page before, if any. Returns key, due time and lateness of each event. One
 * that was lost is taken out, and returned as its key alone: its message would be sent for ever. State and due time that were edited are repaired.
 */
export const overdueScript: Script = scriptOf(
  "overdue",
  ["places"],
  `
local source, lateMs, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local from, last = ARGV[4] or "-inf", ARGV[5] or ""
local moment, set, page = now(), of(source, "due"), {}
-- Of those that were due with the last one, any may come before it. Of the same time, the smaller key comes first.
local function isThere(key, at)
  local known = fieldsOf(key, "state", "dueAtMs", "hash")
  if not known[1] and not known[3] then
    lose(key, source)
    page[#page + 1] = { key }
    return false
  end
  if isFinished(known[1]) then call("ZREM", set, key) return false end
  if not isOpen(known[1]) then call("HSET", entry(key), "state", "received") end
  if not num(known[2]) then call("HSET", entry(key), "dueAtMs", at) end
  return true
end
local passed = ARGV[4] and call("ZCOUNT", set, from, from) or 0
local found = call("ZRANGEBYSCORE", set, from, moment - lateMs, "WITHSCORES", "LIMIT", 0, limit + passed)
for i = 1, #found, 2 do
  local key, at = found[i], tonumber(found[i + 1])
  local isNext = #page < limit and (not ARGV[4] or at > tonumber(from) or key > last)
  if isNext and isThere(key, at) then page[#page + 1] = { key, at, moment - at } end
end
return page
`,
  REPEATABLE,
);

/** ARGV: key. Returns how long it is until the event is due, or nil. */
export const dueInScript: Script = scriptOf(
  "dueInMs",
  [],
  `
local due = num(fieldsOf(ARGV[1], "dueAtMs")[1])
return due and due - now()
`,
  REPEATABLE,
);
