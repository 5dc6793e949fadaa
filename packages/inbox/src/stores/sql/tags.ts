import type { EventIndex } from "../../ports/changes.ts";
import type { UnindexedEvent } from "../../ports/queries.ts";
import { type Batch, one, several } from "./batch.ts";
import { numberOf, unindexedOf } from "./read-row.ts";

/**
 * The tag index is made of sealed parts. Accepting an event writes its tags into its row alone. Once this many events have come, one statement appends
 * their tags as a part, in the order of the index: inserting each tag at its place would halve the rate of accepts.
 */
export const PART_EVENTS = 4_096;

/** The parts, the newest first: each is named after its last event. */
export function parts(): Batch<readonly number[]> {
  return one("SELECT part FROM popp_inbox_part ORDER BY part DESC", {}, (rows) => rows.map(({ part }) => Number(part)));
}

/** Seals a part, if there are enough events for one. */
export function seal(): Batch<void> {
  const sealed = "COALESCE((SELECT MAX(part) FROM popp_inbox_part), 0)";
  const last = "(SELECT seq FROM popp_inbox_event ORDER BY seq DESC LIMIT 1)";
  const insertTags = `INSERT OR IGNORE INTO popp_inbox_tag (part, tag, seq)
    SELECT ${last}, j.value, e.seq FROM popp_inbox_event e NOT INDEXED, ${tagsOf("e")} j
    WHERE e.seq > ${sealed} AND ${last} >= ${sealed} + :events ORDER BY j.value, e.seq`;
  const insertPart = `INSERT INTO popp_inbox_part (part)
    SELECT ${last} WHERE ${last} >= ${sealed} + :events`;
  return several([insertTags, insertPart], { events: PART_EVENTS }, () => undefined);
}

/** The tags of a row, as a table; none of a text that was written by hand and is no JSON: it would fail the statement for all rows. */
export function tagsOf(row: string): string {
  return `json_each(CASE WHEN json_valid(${row}.tags) THEN ${row}.tags END)`;
}

/** The part that holds the tags of an event; null while they are not sealed. */
const PART_OF_EVENT = "(SELECT MIN(part) FROM popp_inbox_part WHERE part >= e.seq)";

/** Deletes the tags of events from the sealed parts. @param chosen - a query for their seqs @param from - the place of the first tag to delete */
export function deleteTagsOf(chosen: string, from = 0): string {
  return `DELETE FROM popp_inbox_tag WHERE (part, tag, seq) IN (
    SELECT ${PART_OF_EVENT}, j.value, e.seq FROM popp_inbox_event e, ${tagsOf("e")} j WHERE e.seq IN (${chosen})${from === 0 ? "" : ` AND j.key >= ${from}`})`;
}

/** How many bytes of bodies one call reads at most, beside the first body. D1 returns them as arrays of numbers, which take many times the room. */
const READ_BYTES = 1_000_000;

export function unindexed(source: string, limit: number): Batch<readonly UnindexedEvent[]> {
  const sql = `SELECT e.key, e.name, b.body FROM popp_inbox_event e LEFT JOIN popp_inbox_body b ON b.seq = e.seq
    WHERE e.seq IN (SELECT seq FROM (
      SELECT seq, SUM(bytes) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - bytes AS before
      FROM (SELECT e.seq, COALESCE(LENGTH(b.body), 0) AS bytes FROM popp_inbox_event e INDEXED BY popp_inbox_event_unindexed
        LEFT JOIN popp_inbox_body b ON b.seq = e.seq WHERE e.source = :source AND e.tags IS NULL ORDER BY e.seq LIMIT :limit))
      WHERE before <= ${READ_BYTES})`;
  return one(sql, { source, limit }, (rows) => rows.map(unindexedOf));
}

/** Sets the tags of events that have none. Those whose part is sealed get their place in it. Two statements, however many events. */
export function index(entries: readonly EventIndex[]): Batch<void> {
  const update = `UPDATE popp_inbox_event SET record_id = json_extract(j.value, '$.recordId'), tags = json_extract(j.value, '$.tags')
    FROM json_each(:entries) j WHERE popp_inbox_event.key = json_extract(j.value, '$.key') AND tags IS NULL`;
  const insert = `INSERT OR IGNORE INTO popp_inbox_tag (part, tag, seq)
    SELECT ${PART_OF_EVENT}, j.value, e.seq FROM popp_inbox_event e, ${tagsOf("e")} j
    WHERE e.key IN (SELECT json_extract(value, '$.key') FROM json_each(:entries)) AND ${PART_OF_EVENT} IS NOT NULL`;
  const indexed = entries.map(({ key, recordId, tags, nameTag }) => ({ key, recordId, tags: [nameTag, ...tags] }));
  return several([update, insert], { entries: JSON.stringify(indexed) }, () => undefined);
}

/** How many events are not sealed yet, by their seqs. */
export function unsealed(): Batch<number> {
  const sql = `SELECT COALESCE((SELECT seq FROM popp_inbox_event ORDER BY seq DESC LIMIT 1), 0)
    - COALESCE((SELECT MAX(part) FROM popp_inbox_part), 0) AS unsealed`;
  return one(sql, {}, ([row]) => numberOf(row?.unsealed) ?? 0);
}
