import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { EVENT_STATES } from "../../ports/event-state.ts";
import type { ListQuery } from "../../ports/queries.ts";
import { query } from "../sql/batch.ts";
import { EVERYWHERE, listSql, type Place } from "../sql/reads/lists.ts";
import { sqliteStore } from "./index.ts";

const EVERYTHING: ListQuery = {
  ...{ source: "popp", state: null, name: null, nameTag: null, note: null, tags: [] },
  ...{ sinceMs: 0, untilMs: null, beforeSeq: null, limit: 100, bodies: false },
};

const LISTS: Readonly<Record<string, readonly [Partial<ListQuery>, Place]>> = {
  all: [{}, EVERYWHERE],
  "with bodies": [{ bodies: true }, EVERYWHERE],
  "by time": [{ sinceMs: 1, untilMs: 2 }, EVERYWHERE],
  unhandled: [{ state: "done", note: "unhandled" }, EVERYWHERE],
  "by tag, sealed": [{}, { fromSeq: 0, tags: [[1], [2]], parts: [4_096] }],
  "by tag, in the tail": [{}, { fromSeq: 4_097, tags: [[1], [2]], parts: null }],
  ...Object.fromEntries(EVENT_STATES.map((state) => [state, [{ state }, EVERYWHERE]])),
};

it.each(Object.entries(LISTS))(
  "a list never sorts events, and reads no body it was not asked for: %s",
  async (_, [filter, place]) => {
    const database = new DatabaseSync(":memory:");
    await sqliteStore(database).open();
    const { sql, values } = listSql({ ...EVERYTHING, ...filter }, place);
    const { text, values: bound } = query(sql, values);
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .all(...(bound as null[]))
      .map(({ detail }) => String(detail));
    // The matches of a few parts are sorted; they are few.
    if (place.parts === null) expect(plan.join("\n")).not.toMatch(/TEMP B-TREE/);
    // One condition for each end: of two for the same end, one would be checked row by row.
    const search = plan.find((line) => /^SEARCH e .*PRIMARY KEY \(rowid[<>]/.test(line));
    if (search !== undefined) expect(search).toContain("(rowid>? AND rowid<?)");
    expect(plan.some((line) => /popp_inbox_body|\bb\b/.test(line))).toBe(filter.bodies === true);
  },
);
