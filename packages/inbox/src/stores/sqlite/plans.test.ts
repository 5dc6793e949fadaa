import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { EVENT_STATES } from "../../ports/event-state.ts";
import type { ListQuery } from "../../ports/queries.ts";
import { query } from "../sql/batch.ts";
import { listSql, type Place } from "../sql/lists.ts";
import { sqliteStore } from "./index.ts";

const EVERYTHING: ListQuery = {
  ...{ source: "popp", state: null, name: null, nameTag: null, note: null, tags: [] },
  ...{ sinceMs: 0, untilMs: null, beforeSeq: null, limit: 100, bodies: false },
};

const LISTS: Readonly<Record<string, readonly [Partial<ListQuery>, Place]>> = {
  all: [{}, { kind: "all" }],
  "with bodies": [{ bodies: true }, { kind: "all" }],
  "by time": [{ sinceMs: 1, untilMs: 2 }, { kind: "all" }],
  unhandled: [{ state: "done", note: "unhandled" }, { kind: "all" }],
  "by tag, sealed": [{ tags: [[1], [2]] }, { kind: "parts", parts: [4_096] }],
  "by tag, in the tail": [{ tags: [[1], [2]] }, { kind: "tail", sealed: 4_096 }],
  ...Object.fromEntries(EVENT_STATES.map((state) => [state, [{ state }, { kind: "all" }]])),
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
    if (place.kind !== "parts") expect(plan.join("\n")).not.toMatch(/TEMP B-TREE/);
    expect(plan.some((line) => /popp_inbox_body|\bb\b/.test(line))).toBe(filter.bodies === true);
  },
);
