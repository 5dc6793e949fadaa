import { EVENT_STATES } from "../../../ports/event-state.ts";
import type { ListQuery } from "../../../ports/queries.ts";
import type { StoredEvent } from "../../../ports/stored-event.ts";
import { type Batch, one } from "../batch.ts";
import { numberOf } from "../read-row.ts";
import type { SqlEngine } from "../sql-store.ts";
import { parts } from "../tags.ts";
import { EVERYWHERE, isOfNotHandled, list, type Place } from "./lists.ts";
import { cut, wholeRange } from "./ranges.ts";

/** How many parts each further statement reads: a common tag is found in the first few, a rare one after few statements. */
const GROWTH = 4;

/** How many parts one statement reads where a statement blocks its process. */
const PARTS_AT_ONCE = 16;

/** Lists events, newest first: reads one place after the other until there are enough. */
export async function listAll<Tx>(engine: SqlEngine<Tx>, query: ListQuery): Promise<readonly StoredEvent[]> {
  const found: StoredEvent[] = [];
  if (query.tags.some((group) => group.length === 0)) return found;
  let { beforeSeq } = query;
  for await (const place of placesOf(engine, query)) {
    const limit = query.limit - found.length;
    found.push(...(await engine.read(list({ ...query, limit, beforeSeq }, place))));
    // The next place has only older events.
    if (place.parts === null && place.fromSeq > 0) beforeSeq = Math.min(beforeSeq ?? place.fromSeq, place.fromSeq);
    await engine.turn?.();
    if (found.length >= query.limit) break;
  }
  return found;
}

/** Where to look for events, the newest first. */
async function* placesOf<Tx>(engine: SqlEngine<Tx>, query: ListQuery): AsyncGenerator<Place> {
  const groups = await groupsOf(engine, query);
  const [newest, ...older] = groups.length > 0 ? await engine.read(parts()) : [];
  if (groups.length > 0) {
    yield { fromSeq: 1 + (newest ?? 0), tags: groups, parts: null };
    if (newest === undefined) return;
    const tags = await rarestFirst(engine, groups, newest);
    const sealed = [newest, ...older];
    for (let [at, count] = [0, GROWTH]; at < sealed.length; at += count, count *= GROWTH) {
      if (engine.turn !== undefined) count = Math.min(count, PARTS_AT_ONCE);
      yield { fromSeq: 0, tags, parts: sealed.slice(at, at + count) };
    }
  } else if (engine.turn !== undefined && mayPassOverMany(query)) {
    const { first, end } = await engine.read(wholeRange());
    for (const { first: fromSeq } of cut({ first, end: Math.min(query.beforeSeq ?? end, end) }))
      yield { ...EVERYWHERE, fromSeq };
  } else yield EVERYWHERE;
}

/** The lists of tags to find events by. A name is found by its tag, unless its state has fewer events. */
async function groupsOf<Tx>({ read }: SqlEngine<Tx>, query: ListQuery): Promise<readonly (readonly number[])[]> {
  const { tags, name, nameTag, state } = query;
  if (name === null || nameTag === null) return tags;
  if (tags.length > 0 || state === null) return [...tags, [nameTag]];
  return (await read(isNameRarer(query))) ? [[nameTag]] : [];
}

function isNameRarer({ source, name, state }: ListQuery): Batch<boolean> {
  const sql = `SELECT SUM((${EVENT_STATES.join(" + ")}) * (name = :name)) < SUM(${state}) AS rarer
    FROM popp_inbox_count WHERE source = :source`;
  return one(sql, { source, name }, ([row]) => numberOf(row?.rarer) === 1);
}

/** Puts the tags first that are the rarest in one part. */
async function rarestFirst<Tx>(
  { read }: SqlEngine<Tx>,
  groups: readonly (readonly number[])[],
  part: number,
): Promise<readonly (readonly number[])[]> {
  if (groups.length < 2) return groups;
  const sql = `SELECT g.key AS place, (SELECT COUNT(*) FROM popp_inbox_tag t
    WHERE t.part = :part AND t.tag IN (SELECT value FROM json_each(g.value))) AS n FROM json_each(:groups) g ORDER BY n, g.key`;
  const order = await read(
    one(sql, { part, groups: JSON.stringify(groups) }, (rows) => rows.map(({ place }) => Number(place))),
  );
  return order.map((at) => groups[at] ?? []);
}

/** Whether no index finds the events, so that many others may be looked at: of a time, the index finds the hour. */
function mayPassOverMany(query: ListQuery): boolean {
  return query.name !== null || query.untilMs !== null || (query.note !== null && !isOfNotHandled(query));
}
