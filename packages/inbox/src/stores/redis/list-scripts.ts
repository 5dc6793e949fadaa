import { type Script, scriptOf } from "./script.ts";

/** ARGV: key. Returns the event's hash, and its headers and body. */
export const getScript: Script = scriptOf(
  "get",
  `return { redis.call("HGETALL", event(ARGV[1])), redis.call("HMGET", body(ARGV[1]), "headers", "body") }`,
);

/** How many events one call reads of each set: other clients wait meanwhile. */
const LIST_STEP = 500;

/**
 * Finds where a time begins in the order of arrival, in about 20 reads. Clocks may be set back by an hour: so far before and after that time, events are
 * looked at one by one.
 */
export const SEARCH = `
local HOUR = 3600000
-- How many events of the source came before a time.
local function countBefore(source, atMs)
  local all = of(source, "all")
  local low, high = 0, redis.call("ZCARD", all)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local key = redis.call("ZRANGE", all, middle, middle)[1]
    local at = tonumber(redis.call("HGET", event(key), "receivedAtMs") or 0)
    if at < atMs then low = middle + 1 else high = middle end
  end
  return low
end
`;

/**
 * ARGV: a query as JSON. Returns where to continue, or false at the end, and then the matching events among those it read, each as its hash and its headers
 * and body.
 *
 * It reads the sets of the condition that fewest events meet, and merges them by order of arrival.
 */
export const listScript: Script = scriptOf(
  "list",
  `${SEARCH}
local query = cjson.decode(ARGV[1])
local source, limit = query.source, query.limit
local function isNull(value) return value == nil or value == cjson.null end
local groups = {}
for _, tags in ipairs(query.tags) do
  local sets = {}
  for _, tag in ipairs(tags) do sets[#sets + 1] = of(source, "tag:" .. tag) end
  groups[#groups + 1] = sets
end
local choices = { { of(source, "all") } }
for _, sets in ipairs(groups) do choices[#choices + 1] = sets end
if not isNull(query.nameTag) then choices[#choices + 1] = { of(source, "tag:" .. query.nameTag) } end
if not isNull(query.state) then choices[#choices + 1] = { of(source, "state:" .. query.state) } end
if query.note == "unhandled" or query.note == "superseded" then choices[#choices + 1] = { of(source, "note:" .. query.note) } end
local chosen, fewest
for _, sets in ipairs(choices) do
  local size = 0
  for _, set in ipairs(sets) do size = size + redis.call("ZCARD", set) end
  if not fewest or size < fewest then chosen, fewest = sets, size end
end
local before = isNull(query.before) and "+inf" or "(" .. query.before
if not isNull(query.untilMs) then
  local rank = countBefore(source, query.untilMs + HOUR)
  local first = redis.call("ZRANGE", of(source, "all"), rank, rank, "WITHSCORES")[2]
  if first and (before == "+inf" or tonumber(first) < tonumber(query.before)) then before = "(" .. first end
end
local found, seen, cut = {}, {}, nil
for _, set in ipairs(chosen) do
  local step = redis.call("ZREVRANGEBYSCORE", set, before, "-inf", "WITHSCORES", "LIMIT", 0, ${LIST_STEP})
  for i = 1, #step, 2 do
    if not seen[step[i]] then
      seen[step[i]] = true
      found[#found + 1] = { key = step[i], seq = tonumber(step[i + 1]), text = step[i + 1] }
    end
  end
  -- A set that goes on may hold events between those of the others.
  if #step == ${2 * LIST_STEP} and (not cut or tonumber(step[#step]) > tonumber(cut)) then cut = step[#step] end
end
table.sort(found, function(a, b) return a.seq > b.seq end)
local function hasTags(key)
  for _, sets in ipairs(groups) do
    local has = false
    for _, set in ipairs(sets) do has = has or redis.call("ZSCORE", set, key) end
    if not has then return false end
  end
  return true
end
local listed = { cut or false }
for _, one in ipairs(found) do
  if cut and one.seq < tonumber(cut) then break end
  local known = redis.call("HMGET", event(one.key), "name", "state", "note", "receivedAtMs")
  local at = tonumber(known[4] or 0)
  if known[4] and at < query.sinceMs - HOUR then
    listed[1] = false
    return listed
  end
  if known[4] and at >= query.sinceMs and (isNull(query.untilMs) or at < query.untilMs)
    and (isNull(query.name) or known[1] == query.name) and (isNull(query.state) or known[2] == query.state)
    and (isNull(query.note) or known[3] == query.note) and hasTags(one.key) then
    listed[#listed + 1] = { redis.call("HGETALL", event(one.key)), query.bodies and redis.call("HMGET", body(one.key), "headers", "body") or {} }
    if #listed > limit then
      listed[1] = one.text
      return listed
    end
  end
end
return listed
`,
);

/** ARGV: source, lateMs, limit, and the time and key of the last event of the page before, if any. Returns key, due time and lateness of each event. */
export const overdueScript: Script = scriptOf(
  "overdue",
  `
local source, lateMs, limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local from, last = ARGV[4] or "-inf", ARGV[5] or ""
local late = {}
local sets = { of(source, "leased") }
for _, name in ipairs(redis.call("SMEMBERS", of(source, "names"))) do sets[#sets + 1] = of(source, "waiting:" .. name) end
for _, set in ipairs(sets) do
  -- Of those that were due with the last one, any may come before it.
  local passed = ARGV[4] and redis.call("ZCOUNT", set, from, from) or 0
  local found = redis.call("ZRANGEBYSCORE", set, from, moment - lateMs, "WITHSCORES", "LIMIT", 0, limit + passed)
  for i = 1, #found, 2 do
    local key, at = found[i], tonumber(found[i + 1])
    if not ARGV[4] or at > tonumber(from) or key > last then late[#late + 1] = { key, at } end
  end
end
table.sort(late, function(a, b) return a[2] < b[2] or (a[2] == b[2] and a[1] < b[1]) end)
local page = {}
for i = 1, math.min(limit, #late) do page[i] = { late[i][1], digits(late[i][2]), digits(moment - late[i][2]) } end
return page
`,
);

/** ARGV: key. Returns how long it is until the event is due, or nil. */
export const dueInScript: Script = scriptOf(
  "dueInMs",
  `
local due = redis.call("HGET", event(ARGV[1]), "dueAtMs")
return due and digits(tonumber(due) - moment)
`,
);

/** ARGV: source, limit. Returns key, name and body of events without an index. */
export const unindexedScript: Script = scriptOf(
  "unindexed",
  `
local events = {}
for _, key in ipairs(redis.call("ZRANGE", of(ARGV[1], "unindexed"), 0, tonumber(ARGV[2]) - 1)) do
  events[#events + 1] = { key, redis.call("HGET", event(key), "name"), redis.call("HGET", body(key), "body") }
end
return events
`,
);
