import { DatabaseSync } from "node:sqlite";
import type { WebhookError } from "@popp-webhooks/core";
import { expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import type { InboxRecord, Transition } from "../index.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";

const EDITED = "evt_edited";
const BODY = "(SELECT seq FROM popp_inbox_event WHERE event_id = 'evt_edited')";

/** Accepts two events, edits the first one by hand, and handles what there is to handle. */
async function afterEdit(sql: string) {
  const database = new DatabaseSync(":memory:");
  const store = sqliteStore(database);
  const bodies: [string | null, string][] = [];
  const errors: WebhookError[] = [];
  const { inbox, send, transitions } = stage({
    store,
    on: {
      CONVERSATION_STARTED: ({ eventId }, { body }) =>
        void bodies.push([eventId ?? null, new TextDecoder().decode(body)]),
    },
    onError: (error) => errors.push(error),
  });
  const sent = eventOf(EDITED);
  await send(sent);
  await send(eventOf("evt_other"));
  database.exec(sql);
  for (let sweep = 0; sweep < 3; sweep++) await inbox.sweep();
  const records: InboxRecord[] = [];
  for await (const record of inbox.events({ bodies: true })) records.push(record);
  const ends = transitions.filter(({ state }) => state === "done" || state === "dead");
  return { inbox, bodies, errors, records, ends, sent: JSON.stringify(sent) };
}

const endOf = (ends: readonly Transition[], id: string) => ends.find(({ eventId }) => eventId === id);

it.each([
  ["a quote in the id", `UPDATE popp_inbox_event SET event_id = 'a"b' WHERE event_id = 'evt_edited'`, 'a"b'],
  ["a backslash in the id", `UPDATE popp_inbox_event SET event_id = 'a\\' WHERE event_id = 'evt_edited'`, "a\\"],
  [
    "a percent sign in the record's id",
    `UPDATE popp_inbox_event SET record_id = '%"' WHERE event_id = 'evt_edited'`,
    EDITED,
  ],
  ["headers that are not JSON", `UPDATE popp_inbox_body SET headers = 'none' WHERE seq = ${BODY}`, EDITED],
  ["headers that are null", `UPDATE popp_inbox_body SET headers = NULL WHERE seq = ${BODY}`, EDITED],
  ["a history that is not JSON", `UPDATE popp_inbox_event SET history = 'none' WHERE event_id = 'evt_edited'`, EDITED],
  ["a history of another form", `UPDATE popp_inbox_event SET history = '1' WHERE event_id = 'evt_edited'`, EDITED],
  ["tags that are not JSON", `UPDATE popp_inbox_event SET tags = 'x' WHERE event_id = 'evt_edited'`, EDITED],
  [
    "texts instead of numbers",
    `UPDATE popp_inbox_event SET fence = 'x', attempts = 'x', order_at = 'x' WHERE event_id = 'evt_edited'`,
    EDITED,
  ],
  ["the body as a text", `UPDATE popp_inbox_body SET body = CAST(body AS TEXT) WHERE seq = ${BODY}`, EDITED],
  [
    "the body as hex",
    `UPDATE popp_inbox_body SET body = CAST('\\x' || lower(hex(body)) AS BLOB) WHERE seq = ${BODY}`,
    EDITED,
  ],
  ["the body as hex in a text", `UPDATE popp_inbox_body SET body = hex(body) WHERE seq = ${BODY}`, EDITED],
])("an event with %s is handled, and so is the next", async (_, sql, id) => {
  const { bodies, errors, records, ends, sent } = await afterEdit(sql);
  expect(bodies.sort()).toEqual([
    [EDITED, sent],
    ["evt_other", expect.any(String)],
  ]);
  expect(errors).toEqual([]);
  expect([endOf(ends, id), endOf(ends, "evt_other")]).toMatchObject([{ state: "done" }, { state: "done" }]);
  expect(records).toHaveLength(2);
});

it.each([
  ["another body", `UPDATE popp_inbox_body SET body = CAST('{}' AS BLOB) WHERE seq = ${BODY}`],
  ["a body that was cut", `UPDATE popp_inbox_body SET body = substr(body, 1, 20) WHERE seq = ${BODY}`],
  ["the hex text of another body", `UPDATE popp_inbox_body SET body = CAST('\\x7b7d' AS BLOB) WHERE seq = ${BODY}`],
  ["an empty body", `UPDATE popp_inbox_body SET body = NULL WHERE seq = ${BODY}`],
  ["no body", `DELETE FROM popp_inbox_body WHERE seq = ${BODY}`],
])("an event with %s is dead and told, and the next is handled", async (_, sql) => {
  const { inbox, bodies, errors, ends } = await afterEdit(sql);
  expect(bodies.sort()).toEqual([["evt_other", expect.any(String)]]);
  expect(endOf(ends, EDITED)).toMatchObject({ state: "dead", note: "body damaged" });
  expect(errors).toMatchObject([{ code: "HANDLER_FAILED", message: expect.stringContaining("hash differs") }]);
  const record = await inbox.get(EDITED);
  expect(record).toMatchObject({ state: "dead", note: "body damaged", attempts: 1 });
  expect(record?.history).toMatchObject([{ kind: "attempt", outcome: "damaged" }]);
});

it("an event in a state that this version does not know is listed as it is", async () => {
  const { records, bodies } = await afterEdit(
    "UPDATE popp_inbox_event SET state = 'mine', due_at = NULL WHERE event_id = 'evt_edited'",
  );
  expect(records.map(({ state }) => state)).toEqual(["done", "mine"]);
  expect(bodies).toHaveLength(1);
});

it("a damaged event is handled after its body was restored and it was redriven", async () => {
  const database = new DatabaseSync(":memory:");
  let handled = 0;
  const { inbox, send } = stage({
    store: sqliteStore(database),
    on: { CONVERSATION_STARTED: () => void handled++ },
    onError: () => {},
  });
  await send(eventOf(EDITED));
  database.exec("CREATE TABLE backup AS SELECT body FROM popp_inbox_body; UPDATE popp_inbox_body SET body = x'00'");
  await inbox.sweep();
  expect(handled).toBe(0);
  database.exec("UPDATE popp_inbox_body SET body = (SELECT body FROM backup)");
  expect(await inbox.redrive(EDITED)).toEqual({ redriven: 1 });
  await inbox.sweep();
  expect(handled).toBe(1);
});
