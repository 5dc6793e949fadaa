import { describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { latestOnly } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** An event of a record. */
const of = (eventId: string, recordId: string, overrides: object = {}) =>
  eventOf(eventId, { data: { recordId, organizationId: "org_1" }, ...overrides });

/** An inbox that orders events by record, and whose handlers end when the test says so. It never polls. */
function ordered(concurrency = 4) {
  const running = new Map<string, () => void>();
  const staged = stage({
    store: memoryStore(),
    order: latestOnly(({ data }) => data.recordId),
    concurrency,
    pollMs: 3_600_000,
    on: {
      CONVERSATION_STARTED: (_, { idempotencyKey }) =>
        new Promise<void>((resolve) => running.set(idempotencyKey, resolve)),
    },
  });
  function finish(eventId: string): void {
    running.get(eventId)?.();
    running.delete(eventId);
  }
  return { ...staged, finish, running: () => [...running.keys()] };
}

describe("events of one order key", () => {
  it("do not delay other events, however many of them wait", async () => {
    const { inbox, send, running, finish, until } = ordered();
    for (let index = 1; index <= 12; index++) await send(of(`evt_${index}`, "busy"));
    await send(of("other", "free"));
    inbox.start();
    await expect.poll(running).toEqual(["evt_1", "other"]);
    for (let index = 1; index <= 12; index++) {
      finish(`evt_${index}`);
      await until("done", index);
      if (index < 12) await expect.poll(running).toEqual(["other", `evt_${index + 1}`]);
    }
    finish("other");
    await inbox.close();
  });

  it("are handled one after another by a sweep", async () => {
    const { inbox, send, running, finish } = ordered();
    for (const id of ["a", "b", "c"]) await send(of(id, "busy"));
    const sweeping = inbox.sweep();
    for (const id of ["a", "b", "c"]) {
      await expect.poll(running).toEqual([id]);
      finish(id);
    }
    expect(await sweeping).toMatchObject({ done: 3 });
    await inbox.close();
  });

  it("are handled one after another by waitUntil", async () => {
    const { inbox, send, running, finish, until } = ordered();
    const lent: Promise<unknown>[] = [];
    const context = { waitUntil: (promise: Promise<unknown>) => lent.push(promise) };
    for (const id of ["a", "b", "c"]) await send(of(id, "busy"), context);
    for (const [index, id] of ["a", "b", "c"].entries()) {
      await expect.poll(running).toEqual([id]);
      finish(id);
      await until("done", index + 1);
    }
    await Promise.all(lent);
    await inbox.close();
  });
});

describe("a timestamp more than a day ahead", () => {
  const inHours = (hours: number) => ({ eventTimestamp: new Date(Date.now() + hours * 3_600_000).toISOString() });

  it.each<[string, number, string]>([
    ["leaves its event without an order", 25, "handled"],
    ["is needed for that: one within a day supersedes", 23, "superseded"],
  ])("%s", async (_, hours, expected) => {
    const { inbox, send } = stage({
      order: latestOnly(({ data }) => data.recordId),
      on: { CONVERSATION_STARTED: () => {} },
    });
    await send(of("ahead", "conv_1", inHours(hours)));
    await inbox.sweep();
    await send(of("now", "conv_1"));
    await inbox.sweep();
    expect((await inbox.get("now"))?.note ?? "handled").toBe(expected);
    await inbox.close();
  });
});
