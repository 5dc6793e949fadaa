import { assumeVerified, parseEvent } from "@popp-webhooks/core";
import { expect } from "vitest";
import { createInbox, type InboxStore } from "../src/index.ts";
import { hashOfVersion1, keyOfVersion1, VERSION_1_EVENTS, VERSION_1_TIMES } from "./version-1.ts";

/** Holds a store that was just moved from version 1 to its events: each is there as it was, is found by what it is about, and is handled. */
export async function holdsVersion1<Tx>(store: InboxStore<Tx>): Promise<void> {
  for (const [seq, state, dueAtMs, hasBody] of VERSION_1_EVENTS) {
    const stored = await store.get(keyOfVersion1(seq));
    expect(stored).toMatchObject({
      ...{ state, dueAtMs, hasBody, eventId: `evt_${seq}`, hash: hashOfVersion1(seq) },
      ...{ attempts: 3, fence: 4, crashes: 0, ...VERSION_1_TIMES },
      ...{ duplicates: 2, conflicts: 1, conflictHash: "1".repeat(64), recordId: null, tags: null, history: null },
      note: state === "dead" ? "Error: down" : null,
    });
    if (hasBody && stored?.body) expect(parseEvent(assumeVerified(stored.body)).eventId).toBe(`evt_${seq}`);
  }
  expect(await store.stats("popp")).toMatchObject({
    counts: { received: 1, processing: 1, retry: 1, done: 2, dead: 1, rejected: 1 },
    hasUnindexed: true,
  });
  const inbox = createInbox({ store, on: {}, onError: () => {} });
  expect((await inbox.page({ recordId: "conv_5" })).isComplete).toBe(false);
  const ids = async (filter: object) => (await inbox.page(filter)).records.map(({ id }) => id);
  // Some in each step.
  for (let step = 0; !(await inbox.page({ recordId: "conv_5" })).isComplete && step < 10; step++) await inbox.sweep();
  expect(await ids({ recordId: "conv_5" })).toEqual(["evt_5"]);
  expect(await ids({ about: "conv_6" })).toEqual(["evt_6"]);
  expect(await ids({ organizationId: "org_1", state: "dead" })).toEqual(["evt_6"]);
  const { counts } = await inbox.stats();
  expect([counts.received, counts.processing, counts.retry, counts.done]).toEqual([0, 0, 0, 5]);
  expect(await inbox.erase({ about: "conv_5" })).toEqual({ erased: 1, unreadable: 1 });
  expect(await inbox.get("evt_5")).toBeUndefined();
}
