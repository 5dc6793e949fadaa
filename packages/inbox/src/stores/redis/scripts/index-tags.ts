import { REPEATABLE, type Script, scriptOf } from "./script.ts";

/** ARGV: source, limit. Returns key, name and body of each event without an index. */
export const unindexedScript: Script = scriptOf(
  "unindexed",
  [],
  `
local set, result = of(ARGV[1], "unindexed"), {}
for _, key in ipairs(call("ZRANGE", set, 0, tonumber(ARGV[2]) - 1)) do
  local name = fieldsOf(key, "name")[1]
  if name then result[#result + 1] = { key, name, textAt(bodyOf(key)) } else call("ZREM", set, key) end
end
return result
`,
  REPEATABLE,
);

/** ARGV: the entries as JSON. Events that are unknown, erased or indexed stay as they are. */
export const indexScript: Script = scriptOf(
  "index",
  ["places"],
  `
for _, given in ipairs(cjson.decode(ARGV[1])) do
  local e = load(given.key)
  if e then call("ZREM", of(e.source, "unindexed"), e.key) end
  if e and call("HEXISTS", entry(e.key), "tags") == 0 then
    e.tags = given.tags
    eachTag(e, function(set) call("ZADD", set, e.seq, e.key) end)
    call("HSET", entry(e.key), "tags", given.tags)
    if given.recordId then call("HSET", entry(e.key), "recordId", given.recordId) end
  end
end
`,
  REPEATABLE,
);

/** ARGV: source, name, and 1 to pause or 0 to resume. */
export const pauseScript: Script = scriptOf(
  "pause",
  [],
  `call(ARGV[3] == "1" and "SADD" or "SREM", of(ARGV[1], "paused"), ARGV[2])`,
  REPEATABLE,
);
