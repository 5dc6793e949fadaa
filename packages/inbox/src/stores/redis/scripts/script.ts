import { ORDERS } from "./orders.ts";
import { PLACES } from "./places.ts";

/**
 * The beginning of every script. A script is atomic, and uses the server's clock.
 *
 * An event is one hash, `entry`. Its body and headers are one string, and its history, if there is any, is another: lists and claims touch small
 * hashes only. Sorted sets say where an event is:
 *
 * - by number, for lists: `all`, `in:<state>` of each name, `tag:<tag>`, `note:<its SHA-1>`, `rejected`, `unindexed`
 * - by due time, open ones: `due` has all. `waiting` and `leased` have those to claim, a set for each name, so that no claim looks at names it must
 *   not claim. The set `waiting` without a name has the names themselves, by when their first event may be due; never later than it is.
 * - by finish time, for pruning: `kept` and `dead` with a body, `tombs` without
 *
 * The hash `hours` counts events by the hour of their arrival, for timelines.
 *
 * So no script reads more events than it returns, and the counts are the sizes of sets.
 *
 * The names of sets have the source's length before the source: no source and name can make the name of another set.
 *
 * Every key has the prefix as its hash tag, so that all keys are in one slot of a cluster.
 *
 * A server with full memory refuses a script that may use more, unless the script has written before. Claiming, renewing, settling and erasing
 * therefore begin with a removal, so that accepted events can be handled even then.
 */
const BEGINNING = `
-- Up to Redis 6, a script that has asked for the time may not write unless its effects are replicated rather than itself.
if redis.replicate_commands then redis.replicate_commands() end
local call, P = redis.call, KEYS[1]
-- The connection broke when this was sent before: the server may have done it.
local isAgain = KEYS[2] ~= nil
local function entry(key) return P .. ":entry:" .. key end
local function bodyOf(key) return P .. ":body:" .. key end
local function historyOf(key) return P .. ":history:" .. key end
local function orderOf(orderKey) return P .. ":order:" .. orderKey end
-- The names of sets are long, and a script needs each often: it makes it once.
local ofSources, ofNames = {}, {}
local function within(map, key)
  local value = map[key]
  if not value then
    value = {}
    map[key] = value
  end
  return value
end
local function of(source, set)
  local made = within(ofSources, source)
  if not made[set] then made[set] = P .. ":" .. set .. ":" .. #source .. ":" .. source end
  return made[set]
end
local function named(source, set, name)
  local made = within(within(ofNames, set), name)
  if not made[source] then made[source] = of(source, set) .. ":" .. name end
  return made[source]
end
local function noted(source, note) return of(source, "note:" .. redis.sha1hex(note)) end
local function now()
  local time = call("TIME")
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local STATES = { "received", "processing", "retry", "done", "dead", "rejected" }
local function isOpen(state) return state == "received" or state == "retry" or state == "processing" end
local function isFinished(state) return state == "done" or state == "dead" or state == "rejected" end
local function laneOf(state) return state == "processing" and "leased" or "waiting" end

-- Values that were edited by hand, or written by another program, must not stop a script: what is no number is the default, and what has another
-- type is absent.
local function num(text, default)
  local number = tonumber(text or "")
  if number and number > -9e15 and number < 9e15 then return number end
  return default
end
local function fieldsOf(key, ...)
  local found = redis.pcall("HMGET", entry(key), ...)
  return found.err and {} or found
end
local function textAt(key)
  local found = redis.pcall("GET", key)
  return type(found) == "string" and found
end

-- Whether the server refuses all writes at present: then the script must fail, and not only what it is doing.
local function isRefused(text)
  for _, word in ipairs({ "READONLY", "OOM ", "MISCONF", "NOREPLICAS", "NOPERM" }) do
    if string.find(text, word, 1, true) then return true end
  end
  return false
end
local function textOf(err) return type(err) == "table" and err.err or tostring(err) end

-- What scripts need of an event; a field that it does not have is false. Returns nil for an unknown event.
local function load(key)
  local v = fieldsOf(key, "state", "source", "name", "seq", "dueAtMs", "updatedAtMs", "orderKey", "note",
    "attempts", "crashes", "startedAtMs", "token", "orderAtMs", "fence", "receivedAtMs", "eventId", "recordId", "hash")
  if not v[1] and not v[18] then return nil end
  return {
    key = key, state = v[1] or "", source = v[2] or "", name = v[3] or "", seq = num(v[4], 0), dueAtMs = num(v[5]), updatedAtMs = num(v[6], 0),
    orderKey = v[7], note = v[8], attempts = num(v[9], 0), crashes = num(v[10], 0), startedAtMs = num(v[11]), token = v[12],
    orderAtMs = num(v[13], false), fence = num(v[14], 0), receivedAtMs = num(v[15], 0), eventId = v[16], recordId = v[17], hash = v[18]
  }
end
`;

/** Reads events for the client. */
const READING = `
-- Returns the key, the fields, the body or whether there is one, and the history; the key alone when there is no such event.
local function read(key, withBody)
  local fields = redis.pcall("HGETALL", entry(key))
  if fields.err then return { key, fields.err } end
  if #fields == 0 then return { key } end
  local body = bodyOf(key)
  return { key, fields, withBody and textAt(body) or not withBody and call("EXISTS", body), textAt(historyOf(key)) }
end

-- Returns the number of the first event that was received at a time or later; nil when there is none. Numbers and times grow together.
local function seqAt(source, ms)
  local all = of(source, "all")
  local low, high = 0, call("ZCARD", all)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local probe, at = middle, nil
    -- An event whose time was edited says nothing: the next one does.
    while not at and probe < high do
      at = num(fieldsOf(call("ZRANGE", all, probe, probe)[1], "receivedAtMs")[1])
      probe = probe + 1
    end
    if at and at < ms then low = probe else high = middle end
  end
  return call("ZRANGE", all, low, low, "WITHSCORES")[2]
end
`;

/** What scripts share. `orders` needs `places`. */
type Part = "places" | "orders" | "reading";

const PARTS: Readonly<Record<Part, string>> = { places: PLACES, orders: ORDERS, reading: READING };

/** A Lua script. */
export interface Script {
  /** Its name in this code. */
  readonly name: string;
  /** The Lua. */
  readonly text: string;
  /** Whether it may run twice, because the answer to the first run was lost. */
  readonly isRepeatable?: true;
}

/** For scripts that change nothing more when they run twice. */
export const REPEATABLE = { isRepeatable: true } as const;

/** Puts the parts that a script needs before it. */
export function scriptOf(
  name: string,
  parts: readonly Part[],
  body: string,
  { isRepeatable }: Pick<Script, "isRepeatable"> = {},
): Script {
  const main = parts.includes("places")
    ? `local function main()\n${body}\nend\nlocal result = main()\nwriteHours()\nreturn result`
    : body;
  return {
    name,
    text: [BEGINNING, ...parts.map((part) => PARTS[part]), main].join("\n"),
    ...(isRepeatable && { isRepeatable }),
  };
}
