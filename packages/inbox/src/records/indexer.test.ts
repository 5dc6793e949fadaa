import { expect, it } from "vitest";
import { newEvent } from "../../faults/store-values.ts";
import { proxied, stage } from "../../test/stage.ts";
import { testClock } from "../../test/test-clock.ts";
import type { EventIndex } from "../ports/changes.ts";
import type { InboxStore } from "../ports/store.ts";
import { memoryStore } from "../stores/memory/index.ts";

it("goes on in the background after the store failed, and tells of the failure", async () => {
  const { clock, pass } = testClock();
  const waiting = [newEvent(), newEvent()].map(({ key, name, body }) => ({ key, name, body }));
  const indexed: EventIndex[] = [];
  let calls = 0;
  const store: InboxStore = {
    ...proxied(memoryStore({ now: clock.now })),
    unindexed: async () => {
      if (++calls === 1) throw new Error("gone");
      return waiting.slice(indexed.length, indexed.length + 1);
    },
    index: async (entries) => void indexed.push(...entries),
  };
  const errors: string[] = [];
  const { inbox } = stage({ store, clock, onError: ({ code }) => errors.push(code) });
  inbox.start();
  await pass(120_000);
  expect([indexed.map(({ key }) => key), errors]).toEqual([waiting.map(({ key }) => key), ["STORE_UNAVAILABLE"]]);
  expect((await inbox.page({ recordId: "x" })).isComplete).toBe(true);
  await inbox.close();
});
