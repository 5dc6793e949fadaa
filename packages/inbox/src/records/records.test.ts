import { describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import type { InboxStore } from "../ports/store.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** Events as a recruiting company has them: two candidates of one organization, and one that nobody knows. */
const DELIVERIES = [
  eventOf("evt_1", {
    data: { recordId: "conv_1", organizationId: "org_1", candidateId: "cand_1", externalId: "ats_1" },
  }),
  eventOf("evt_2", { data: { recordId: "conv_2", organizationId: "org_1", candidateId: "cand_2" } }),
  eventOf("evt_3", {
    event: "CALENDAR_MEETING_SCHEDULED",
    data: { recordId: "book_1", organizationId: "org_1", conversationId: "conv_1" },
  }),
  eventOf("evt_4", {
    event: "SOMETHING_NEW",
    data: { recordId: "x", organizationId: "org_2", nested: [{ candidateId: "cand_1" }] },
  }),
  eventOf("evt_5", { event: "CANDIDATE_ANALYSIS_COMPLETED", data: { recordId: "cand_1", organizationId: "org_1" } }),
];

async function recordOfDeliveries(options: Parameters<typeof stage>[0] = {}) {
  const staged = stage(options);
  for (const delivery of DELIVERIES) expect(await staged.send(delivery)).toBe(200);
  const idsOf = async (filter: Parameters<typeof staged.inbox.events>[0]) =>
    (await collect(staged.inbox.events(filter))).map(({ id }) => id);
  return { ...staged, idsOf };
}

describe("asking a record", () => {
  it("finds events by record, organization, name, state and time", async () => {
    const { inbox, idsOf } = await recordOfDeliveries();
    await inbox.sweep();
    expect(await idsOf({ recordId: "conv_1" })).toEqual(["evt_1"]);
    expect(await idsOf({ organizationId: "org_1" })).toEqual(["evt_5", "evt_3", "evt_2", "evt_1"]);
    expect(await idsOf({ event: "SOMETHING_NEW" })).toEqual(["evt_4"]);
    expect(await idsOf({ state: "done", note: "unhandled", limit: 2 })).toEqual(["evt_5", "evt_4"]);
    expect(await idsOf({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    expect(await idsOf({ until: new Date(Date.now() - 60_000) })).toEqual([]);
    expect(await idsOf({ organizationId: "org_1", recordId: "conv_2", state: "done" })).toEqual(["evt_2"]);
  });

  it("finds events about a value in any identifying field, or in a named one, of unrecognized events too", async () => {
    const { idsOf } = await recordOfDeliveries();
    expect(await idsOf({ about: "cand_1" })).toEqual(["evt_5", "evt_4", "evt_1"]);
    expect(await idsOf({ about: { candidateId: "cand_1" } })).toEqual(["evt_4", "evt_1"]);
    expect(await idsOf({ about: ["cand_2", "book_1"] })).toEqual(["evt_3", "evt_2"]);
    expect(await idsOf({ about: { candidateId: ["cand_1", "cand_2"], conversationId: "conv_1" } })).toEqual([
      ...["evt_4", "evt_3", "evt_2", "evt_1"],
    ]);
    expect(await idsOf({ about: "conv_1", event: "CALENDAR_MEETING_SCHEDULED" })).toEqual(["evt_3"]);
    expect(await idsOf({ about: "org_1" })).toEqual([]);
    expect(await idsOf({ about: "cand" })).toEqual([]);
  });

  it("finds events by identifying fields of one's own", async () => {
    const { inbox, send, idsOf } = await recordOfDeliveries({ identifyingFields: ["reqId"] });
    await send(eventOf("evt_6", { event: "OWN", data: { recordId: "r", organizationId: "o", deep: { reqId: 4711 } } }));
    expect(await idsOf({ about: "4711" })).toEqual(["evt_6"]);
    expect(await idsOf({ about: { reqId: "4711" } })).toEqual(["evt_6"]);
    expect(() => inbox.events({ about: { unknownField: "x" } })[Symbol.asyncIterator]()).not.toThrow();
    await expect(inbox.page({ about: { unknownField: "x" } })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/unknownField|recordId, candidateId/),
    });
  });

  it("lists what stands in the same events as a value", async () => {
    const { inbox } = await recordOfDeliveries();
    const { values, unreadable } = await inbox.related("cand_1");
    expect(values).toEqual(
      expect.arrayContaining([
        { field: "recordId", value: "conv_1", events: 1 },
        { field: "externalId", value: "ats_1", events: 1 },
        { field: "organizationId", value: "org_1", events: 2 },
      ]),
    );
    expect(values.map(({ value }) => value)).not.toContain("cand_1");
    expect(unreadable).toBe(0);
  });

  it("finds text in bodies, whatever its case, and tells how far it looked", async () => {
    const { inbox, send } = await recordOfDeliveries();
    await send(
      eventOf("evt_6", { data: { recordId: "r", organizationId: "o", participantFirstName: 'J\u00fcrgen "J"' } }),
    );
    for (const text of ["J\u00dcRGEN", 'gen "j"', "evt_6"]) {
      const { records, searched, next } = await inbox.page({ text });
      expect(records.map(({ id, body }) => [id, body])).toEqual([["evt_6", null]]);
      expect([searched?.events, searched?.backTo, next]).toEqual([6, expect.any(Date), null]);
    }
    const first = await inbox.page({ text: "org_1", limit: 2, bodies: true });
    expect(first.records.map(({ id, hasBody, body }) => [id, hasBody, body !== null])).toEqual([
      ["evt_5", true, true],
      ["evt_3", true, true],
    ]);
    const second = await inbox.page({ text: "org_1", limit: 2, before: first.next });
    expect([second.records.map(({ id }) => id), second.next]).toEqual([["evt_2", "evt_1"], null]);
  });

  it("reads pages without bodies, each going on where the last one ended", async () => {
    const { inbox } = await recordOfDeliveries();
    const first = await inbox.page({ limit: 2, before: null });
    expect(first).toMatchObject({ isComplete: true, next: first.records.at(-1)?.cursor });
    expect(first.records.map(({ id, body, hasBody, headers }) => [id, body, hasBody, headers])).toEqual([
      ["evt_5", null, true, {}],
      ["evt_4", null, true, {}],
    ]);
    const second = await inbox.page({ limit: 3, before: first.next });
    expect([second.records.map(({ id }) => id), second.next]).toEqual([["evt_3", "evt_2", "evt_1"], null]);
  });

  it("parses a stored event by today's catalog, or says why it cannot", async () => {
    const { inbox, send } = await recordOfDeliveries();
    expect((await inbox.get("evt_1"))?.event()).toMatchObject({ event: "CONVERSATION_STARTED", eventId: "evt_1" });
    const unknown = await inbox.get("evt_4");
    expect(() => unknown?.event()).toThrow(expect.objectContaining({ code: "PAYLOAD_INVALID" }));
    const [listed] = (await inbox.page({ recordId: "conv_1" })).records;
    expect(() => listed?.event()).toThrow(/bodies: true/);
    await send("[]");
    const [rejected] = (await inbox.page({ state: "rejected", bodies: true })).records;
    expect(() => rejected?.event()).toThrow(expect.objectContaining({ code: "PAYLOAD_INVALID" }));
  });

  it("says by name which condition is not usable", async () => {
    const { inbox } = stage();
    const wrong = {
      state: "failed",
      event: 1,
      about: [],
      recordId: "",
      text: "",
      since: new Date(Number.NaN),
      before: "x",
      limit: 0,
      bodies: "yes",
    };
    for (const [condition, value] of Object.entries(wrong))
      await expect(inbox.page({ [condition]: value })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
        message: expect.stringContaining(`\`${condition}\``),
      });
  });

  it("tells the record id with transitions", async () => {
    const { inbox, transitions } = await recordOfDeliveries();
    await inbox.sweep();
    expect(new Set(transitions.filter(({ eventId }) => eventId === "evt_1").map(({ recordId }) => recordId))).toEqual(
      new Set(["conv_1"]),
    );
  });
});

describe("redriving", () => {
  it("says why one event is not redriven", async () => {
    const { inbox } = await recordOfDeliveries();
    expect(await inbox.redrive("evt_1")).toEqual({ redriven: 0, refused: "received" });
    expect(await inbox.redrive("evt_none")).toEqual({ redriven: 0, refused: "unknown" });
    await inbox.erase("evt_1");
    expect(await inbox.redrive("evt_1", { force: true })).toEqual({ redriven: 0, refused: "erased" });
  });

  it("runs handled events again only by force, and keeps what happened before", async () => {
    let runs = 0;
    const { inbox } = await recordOfDeliveries({ on: { CONVERSATION_STARTED: () => void runs++ } });
    await inbox.sweep();
    expect(runs).toBe(2);
    expect(await inbox.redrive("evt_1")).toEqual({ redriven: 0, refused: "done" });
    expect(await inbox.redrive("evt_1", { force: true, dryRun: true })).toEqual({ redriven: 1 });
    expect((await inbox.get("evt_1"))?.state).toBe("done");
    expect(await inbox.redrive("evt_1", { force: true })).toEqual({ redriven: 1 });
    await inbox.sweep();
    expect(runs).toBe(3);
    const history = (await inbox.get("evt_1"))?.history ?? [];
    expect(
      history.map((entry) => (entry.kind === "attempt" ? `${entry.number} ${entry.outcome}` : entry.kind)),
    ).toEqual(["1 done", "redrive", "1 done"]);
  });

  it("redrives what a filter finds: the dead, the waiting and the unhandled", async () => {
    let isDown = true;
    const { inbox, transitions } = await recordOfDeliveries({
      maxAttempts: 1,
      onError: () => {},
      on: {
        CONVERSATION_STARTED: () => {
          if (isDown) throw new Error("down");
        },
      },
    });
    await inbox.sweep();
    isDown = false;
    expect(await inbox.redrive({ state: "done", note: "unhandled", event: "SOMETHING_NEW" }, { dryRun: true })).toEqual(
      {
        redriven: 1,
      },
    );
    expect(await inbox.redrive({ about: "cand_1" })).toEqual({ redriven: 3 });
    expect(await inbox.redrive({ state: "dead" })).toEqual({ redriven: 1 });
    expect(transitions.filter(({ state, attempt }) => state === "received" && attempt === 0)).toHaveLength(9);
    await inbox.sweep();
    const { counts } = await inbox.stats();
    expect([counts.done, counts.dead]).toEqual([5, 0]);
  });

  it("does not skip a superseded event again", async () => {
    const handled: unknown[] = [];
    const { inbox, send } = stage({
      on: { CONVERSATION_STARTED: ({ eventId }) => void handled.push(eventId) },
      order: { keyOf: ({ data }) => data.recordId },
    });
    const at = (minute: number) => ({ eventTimestamp: `2026-01-01T00:0${minute}:00Z` });
    await send(eventOf("newer", at(2)));
    await inbox.sweep();
    await send(eventOf("older", at(1)));
    await inbox.sweep();
    expect((await inbox.get("older"))?.note).toBe("superseded");
    expect(await inbox.redrive("older")).toEqual({ redriven: 1 });
    await inbox.sweep();
    expect(handled).toEqual(["newer", "older"]);
  });
});

describe("erasing", () => {
  it("refuses a condition that does not exist, which would find every event", async () => {
    const { inbox } = await recordOfDeliveries();
    const misspelled = { candidateId: "cand_1" };
    const refused = { code: "CONFIG_INVALID", message: expect.stringMatching(/condition that does not exist/) };
    await expect(inbox.erase(misspelled as object)).rejects.toMatchObject(refused);
    await expect(inbox.redrive(misspelled as object)).rejects.toMatchObject(refused);
    await expect(inbox.page(misspelled as object)).rejects.toMatchObject(refused);
    expect((await inbox.stats()).counts).toMatchObject({ received: 5, done: 0 });
  });

  it("erases nothing when either place asks for a dry run", async () => {
    const { inbox } = await recordOfDeliveries();
    expect(await inbox.erase({ about: "cand_1", dryRun: false }, { dryRun: true })).toMatchObject({ erased: 3 });
    expect(await inbox.erase({ about: "cand_1", dryRun: true }, { dryRun: false })).toMatchObject({ erased: 3 });
    expect((await inbox.stats()).counts).toMatchObject({ received: 5, done: 0 });
  });

  it("erases a person, and goes on over the ids that stand in the same events", async () => {
    const { inbox, send, outcomes } = await recordOfDeliveries();
    await send('["cand_1", "no event"]');
    const followed = { about: "cand_1", follow: true } as const;
    expect(await inbox.erase({ ...followed, dryRun: true })).toEqual({ erased: 5, unreadable: 0 });
    expect((await inbox.get("evt_1"))?.note).toBe(null);
    expect(await inbox.erase({ about: "cand_1" })).toEqual({ erased: 4, unreadable: 0 });
    expect((await inbox.get("evt_3"))?.hasBody).toBe(true);
    expect(await inbox.erase({ about: "conv_1", follow: true })).toEqual({ erased: 1, unreadable: 0 });
    expect(await inbox.get("evt_1")).toMatchObject({
      id: null,
      idempotencyKey: "",
      recordId: null,
      note: "erased",
      hash: "",
    });
    expect((await inbox.page({ text: "cand_1" })).records).toEqual([]);
    expect((await inbox.page({ about: "cand_1" })).records).toEqual([]);
    expect((await inbox.get("evt_2"))?.hasBody).toBe(true);
    const [first] = DELIVERIES;
    await send({ ...first, changed: true });
    expect(outcomes.at(-1)).toMatchObject({ status: "duplicate" });
    expect(await inbox.sweep()).toMatchObject({ done: 1 });
  });

  it("erases no event beyond its other conditions, and no rejected body of a longer value", async () => {
    const { inbox, send } = await recordOfDeliveries();
    await send('["cand_10"]');
    await send("not JSON: cand_1.");
    const request = { about: "cand_1", follow: true } as const;
    expect(await inbox.erase({ ...request, event: "CONVERSATION_STARTED", dryRun: true })).toMatchObject({ erased: 1 });
    expect(await inbox.erase({ ...request, until: new Date(0), dryRun: true })).toMatchObject({ erased: 0 });
    expect(await inbox.erase(request)).toEqual({ erased: 5, unreadable: 0 });
    expect((await inbox.page({ text: "cand_10" })).records).toHaveLength(1);
  });

  it("erases rejected bodies that meet the other conditions, too", async () => {
    const { inbox, send } = stage();
    for (const body of ['["cand_1", "conv_1"]', '["cand_1", "conv_2"]', '["cand_2", "conv_1"]']) await send(body);
    expect(await inbox.erase({ about: "cand_1", recordId: "conv_1" })).toEqual({ erased: 1, unreadable: 0 });
    const left = (await inbox.page({ state: "rejected", bodies: true })).records.map(({ body }) =>
      new TextDecoder().decode(body ?? undefined),
    );
    expect(left).toEqual(['["cand_2", "conv_1"]', '["cand_1", "conv_2"]', ""]);
  });

  it("follows ids of people, never those of organizations", async () => {
    const { inbox } = await recordOfDeliveries();
    expect(await inbox.erase({ about: { candidateId: "cand_2" }, follow: true })).toEqual({ erased: 1, unreadable: 0 });
  });

  it("counts events that nobody can read any more", async () => {
    let unindexed = true;
    const memory = memoryStore();
    const store: InboxStore = {
      ...proxied(memory),
      // An event that a version without an index stored, and whose body is gone.
      unindexed: async () => (unindexed ? [{ key: "0".repeat(32), name: "OLD", body: null }] : []),
      index: async ([entry]) => {
        unindexed = false;
        if (entry) await memory.accept({ ...(await blank()), ...entry });
      },
    };
    const { inbox } = stage({ store });
    expect(await inbox.erase({ about: "cand_1" })).toEqual({ erased: 0, unreadable: 1 });
  });

  it("asks for a condition", async () => {
    const { inbox } = stage();
    for (const request of [
      {},
      { follow: true },
      { about: undefined },
      { before: null },
      { before: "9", limit: 5, bodies: true },
    ])
      await expect(inbox.erase(request as object)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

async function blank() {
  const texts = {
    source: "popp",
    eventId: null,
    recordId: null,
    name: "OLD",
    hash: "0",
    headers: "{}",
    deadReason: "old",
  };
  return { ...texts, body: new Uint8Array(), nameTag: 1, orderKey: null, orderAtMs: null };
}

describe("operating", () => {
  it("pauses one kind of event and resumes it", async () => {
    const handled: string[] = [];
    const { inbox, until } = await recordOfDeliveries({
      on: {
        CONVERSATION_STARTED: ({ event }) => void handled.push(event),
        CALENDAR_MEETING_SCHEDULED: ({ event }) => void handled.push(event),
      },
    });
    await inbox.pause("CONVERSATION_STARTED");
    await inbox.sweep();
    expect(handled).toEqual(["CALENDAR_MEETING_SCHEDULED"]);
    const { paused, counts } = await inbox.stats();
    expect([paused, counts.received]).toEqual([["CONVERSATION_STARTED"], 2]);
    inbox.start();
    await inbox.resume("CONVERSATION_STARTED");
    await until("done", 5);
    expect((await inbox.stats()).paused).toEqual([]);
    await inbox.close();
  });

  it("shows a timeline with every bucket", async () => {
    const { inbox, send } = await recordOfDeliveries();
    await send(DELIVERIES[0]);
    await inbox.sweep();
    const timeline = await inbox.timeline({ since: new Date(Date.now() - 7_200_000), bucketMs: 3_600_000 });
    expect(timeline.length).toBeGreaterThanOrEqual(3);
    const sum = (field: "received" | "done" | "duplicates") => timeline.reduce((total, one) => total + one[field], 0);
    expect([sum("received"), sum("done"), sum("duplicates")]).toEqual([5, 5, 1]);
    expect(timeline[0]).toMatchObject({ at: expect.any(Date), received: 0 });
    for (const bucketMs of [999, 1e300])
      await expect(inbox.timeline({ bucketMs })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(inbox.timeline({ since: new Date(0), bucketMs: 1_000 })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("1000"),
    });
  });

  it("is ready while its store answers", async () => {
    const { inbox } = await recordOfDeliveries();
    expect(await inbox.health()).toMatchObject({ isReady: true, problem: null, dead: 0 });
    await inbox.close();
    expect(await inbox.health()).toMatchObject({ isReady: false, problem: "The inbox is shutting down." });
    const down: InboxStore = { ...proxied(memoryStore()), stats: () => Promise.reject(new Error("secret host")) };
    expect(await stage({ store: down }).inbox.health()).toMatchObject({
      isReady: false,
      problem: "The store failed in `stats`.",
      dead: null,
    });
  });

  it("keeps dead events longer, and tells what it prunes of them", async () => {
    const asked: unknown[] = [];
    const errors: string[] = [];
    const store: InboxStore = {
      ...proxied(memoryStore()),
      prune: async ({ source: _, limit: __, ...ages }) => {
        asked.push(ages);
        return { bodies: 2, dead: 2, rows: 0 };
      },
    };
    const { inbox } = stage({ store, onError: ({ message }) => errors.push(message) });
    expect(await inbox.prune()).toEqual({ bodies: 2, dead: 2, rows: 0 });
    expect(asked).toEqual([
      { bodiesOlderThanMs: 30 * 86_400_000, deadOlderThanMs: 400 * 86_400_000, rowsOlderThanMs: 400 * 86_400_000 },
    ]);
    expect(errors).toEqual([expect.stringContaining("2 dead events")]);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
