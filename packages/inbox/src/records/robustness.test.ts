import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { testClock } from "../../test/test-clock.ts";
import type { InboxStore } from "../ports/store.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";

const DAY_MS = 86_400_000;
const hang = () => new Promise<never>(() => {});

describe("record.event() says why it fails", () => {
  it.each<[string, string, string, RegExp]>([
    ["an edited body", "UPDATE popp_inbox_body SET body = CAST('{}' AS BLOB)", "PAYLOAD_MALFORMED", /hash differs/],
    ["a missing body", "DELETE FROM popp_inbox_body", "PAYLOAD_MALFORMED", /it is missing/],
    [
      "a pruned body",
      "DELETE FROM popp_inbox_body; UPDATE popp_inbox_event SET kept = 0",
      "CONFIG_INVALID",
      /was deleted/,
    ],
  ])("for %s, by `get`, `page` and `events`", async (_, sql, code, message) => {
    const database = new DatabaseSync(":memory:");
    const { inbox, send } = stage({ store: sqliteStore(database) });
    await send(eventOf("evt_1"));
    database.exec(sql);
    const records = [await inbox.get("evt_1"), ...(await inbox.page({ bodies: true })).records];
    for await (const record of inbox.events({ bodies: true })) records.push(record);
    expect(records).toHaveLength(3);
    for (const record of records)
      expect(() => record?.event()).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    const [listed] = (await inbox.page()).records;
    expect(listed?.body).toBeNull();
  });

  it("reads a body that was stored as hex text, as its handler gets it", async () => {
    const database = new DatabaseSync(":memory:");
    const { inbox, send } = stage({ store: sqliteStore(database) });
    await send(eventOf("evt_1"));
    database.exec("UPDATE popp_inbox_body SET body = CAST('\\x' || lower(hex(body)) AS BLOB)");
    expect((await inbox.get("evt_1"))?.event().eventId).toBe("evt_1");
  });

  it.each<[string, string, unknown, string]>([
    ["an event of no catalog", "evt_1", eventOf("evt_1", { event: "NEVER_HEARD_OF" }), "PAYLOAD_INVALID"],
    ["data that does not fit", "evt_1", eventOf("evt_1", { data: { recordId: 5 } }), "PAYLOAD_INVALID"],
  ])("for %s", async (_, id, event, code) => {
    const { inbox, send } = stage();
    await send(event);
    const record = await inbox.get(id);
    expect(() => record?.event()).toThrow(expect.objectContaining({ code }));
  });

  it("for a rejected body, an erased event, and one that was listed without its body", async () => {
    const { inbox, send } = stage();
    await send("[1]");
    await send(eventOf("evt_1"));
    const [listed, rejected] = (await inbox.page()).records;
    expect(() => listed?.event()).toThrow(/listed without its body/);
    const malformed = await inbox.get(rejected?.idempotencyKey ?? "");
    expect(() => malformed?.event()).toThrow(expect.objectContaining({ code: "PAYLOAD_INVALID" }));
    await inbox.erase("evt_1");
    const erased = await inbox.page({ note: "erased", bodies: true });
    expect(() => erased.records[0]?.event()).toThrow(/was erased/);
  });
});

it("leaves out lines of a history that the inbox did not write", async () => {
  const store = memoryStore();
  const get: InboxStore["get"] = async (key) => {
    const stored = await store.get(key);
    return stored && { ...stored, history: '1\nnull\n{"kind":"attempt"}\n{"at":1}\n{"kind":"redrive","at":5}' };
  };
  const { inbox, send } = stage({ store: { ...proxied(store), get } });
  await send(eventOf("evt_1"));
  expect((await inbox.get("evt_1"))?.history).toEqual([{ kind: "redrive", at: new Date(5) }]);
});

it("an event that is erased while it is handled gets none of its texts back", async () => {
  const store = memoryStore();
  let fail = (_: Error) => {};
  const told: string[] = [];
  const { inbox, send, until, states } = stage({
    store,
    on: {
      CONVERSATION_STARTED: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    },
    onError: ({ message }) => told.push(message),
  });
  inbox.start();
  await send(eventOf("evt_1"));
  await until("processing");
  expect(await inbox.erase("evt_1")).toMatchObject({ erased: 1 });
  fail(new Error("cand_1 is not known"));
  await inbox.close();
  const [record] = (await stage({ store }).inbox.page({ bodies: true })).records;
  expect(record).toMatchObject({ state: "done", note: "erased", id: null, recordId: null, body: null });
  expect(record?.history).toMatchObject([{ kind: "erase" }]);
  expect([told, states()]).toEqual([[], ["received", "processing"]]);
});

describe("what is cut off", () => {
  it("pages and an erasure at the same time show each event once at most, and end", async () => {
    for (const store of [memoryStore(), sqliteStore(":memory:")]) {
      const { inbox, send } = stage({ store, on: "elsewhere" });
      for (let at = 0; at < 120; at++) await send(eventOf(`evt_${at}`));
      for (const filter of [
        {},
        { about: "conv_1" },
        { state: "received" },
        { event: "CONVERSATION_STARTED" },
      ] as const) {
        const cursors: string[] = [];
        let [before, isEnd] = ["", false];
        for (let page = 0; !isEnd; page++) {
          const { records, next } = await inbox.page({ ...filter, limit: 7, ...(before && { before }) });
          cursors.push(...records.map(({ cursor }) => cursor));
          for (const at of [page, 119 - 2 * page]) await inbox.erase(`evt_${at}`);
          [before, isEnd] = [next ?? "", next === null];
          expect(page).toBeLessThan(40);
        }
        expect(new Set(cursors).size).toBe(cursors.length);
        expect(cursors.map(Number)).toEqual(cursors.map(Number).sort((one, other) => other - one));
      }
      await inbox.close();
    }
  });

  it("a redrive or an erasure that is under way when the inbox closes is rejected, and nothing else happens", async () => {
    for (const what of ["redrive", "erase"] as const) {
      const store = memoryStore();
      let arrive = () => {};
      const arrived = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      let go = () => {};
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const list: InboxStore["list"] = async (query) => {
        arrive();
        await gate;
        return store.list(query);
      };
      const told: string[] = [];
      const { inbox, send } = stage({
        store: { ...proxied(store), list },
        onError: ({ message }) => told.push(message),
      });
      await send(eventOf("evt_1"));
      const doing = what === "redrive" ? inbox.redrive({}) : inbox.erase({ state: "received" });
      const outcome = doing.catch(({ code }: { readonly code: string }) => code);
      await arrived;
      await inbox.close();
      go();
      expect([await outcome, told]).toEqual(["STORE_UNAVAILABLE", []]);
    }
  });

  it("a prune that the close cuts off is not told as a failure", async () => {
    const { clock, pass } = testClock();
    const store = memoryStore();
    let fail = (_: Error) => {};
    const prune = () =>
      new Promise<never>((_, reject) => {
        fail = reject;
      });
    const told: string[] = [];
    const { inbox } = stage({
      store: { ...proxied(store), prune },
      clock,
      onError: ({ message }) => told.push(message),
    });
    inbox.start();
    await pass(31_000);
    const closing = inbox.close();
    fail(new Error("closed"));
    await closing;
    await pass(1_000);
    expect(told).toEqual([]);
  });
});

it("no question waits for a store that hangs, nor does `close`", async () => {
  const { clock, pass } = testClock();
  const store = {
    ...proxied(memoryStore()),
    stats: hang,
    list: hang,
    get: hang,
    unindexed: hang,
    timeline: hang,
    close: hang,
  };
  const { inbox } = stage({ store, clock, storeTimeoutMs: 500 });
  const failed = (work: Promise<unknown>) => work.catch(({ code }: { readonly code: string }) => code);
  const listed = async () => {
    for await (const _ of inbox.events()) return;
  };
  const answers = Promise.all([
    inbox.health().then(({ isReady }) => isReady),
    ...[inbox.stats(), listed(), inbox.page(), inbox.get("evt_1"), inbox.related("cand_1")].map(failed),
    ...[inbox.erase({ about: "cand_1" }), inbox.redrive("evt_1"), inbox.timeline()].map(failed),
  ]);
  await pass(600, 100);
  expect(await answers).toEqual([false, ...Array.from({ length: 8 }, () => "STORE_UNAVAILABLE")]);
  const closed = failed(inbox.close());
  await pass(10_000);
  expect(await closed).toBe("STORE_UNAVAILABLE");
});

it("`keepDeadDays` alone decides about dead events, also when it is shorter than `keepBodiesDays` or longer than `keepEventsDays`", async () => {
  for (const [keepDeadDays, days] of [
    [5, 6],
    [60, 61],
  ] as const) {
    let nowMs = 1_800_000_000_000;
    const { inbox, send } = stage({
      store: memoryStore({ now: () => nowMs }),
      ...{ keepBodiesDays: 30, keepDeadDays, keepEventsDays: 40, maxAttempts: 1 },
      onError: () => {},
      on: {
        CONVERSATION_STARTED: () => {
          throw new Error("no");
        },
      },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    nowMs += (keepDeadDays - 1) * DAY_MS;
    await inbox.prune();
    expect((await inbox.get("evt_1"))?.hasBody).toBe(true);
    nowMs += (days - keepDeadDays + 1) * DAY_MS;
    expect(await inbox.prune()).toMatchObject({ bodies: 1, dead: 1 });
  }
});

it("a filter by name finds events of before the index, and says when it may not", async () => {
  const store = memoryStore();
  let left = 3;
  const unindexed: InboxStore["unindexed"] = async () =>
    left > 0 ? [{ key: "0".repeat(32), name: "OLD", body: null }] : [];
  const index = async () => void left--;
  const { inbox } = stage({ store: { ...proxied(store), unindexed, index } });
  const [named, all] = [await inbox.page({ event: "OLD" }), await inbox.page({ state: "dead" })];
  expect([named.isComplete, all.isComplete]).toEqual([false, true]);
  await inbox.redrive({ state: "dead" });
  expect(left).toBe(3);
  await inbox.redrive({ event: "OLD" });
  expect(left).toBe(0);
});
