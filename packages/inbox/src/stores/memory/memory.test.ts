import { describeStore } from "@popp-webhooks/testing/store";
import { describe, expect, it } from "vitest";
import { claimOf, newEvent } from "../../../faults/store-values.ts";
import { memoryStore } from "./index.ts";

describeStore("memory", async () => {
  const store = memoryStore();
  return { store, connect: async () => store, close: () => store.close() };
});

describe("the capacity of a memory store", () => {
  it("replaces the oldest finished event and never an open one", async () => {
    const store = memoryStore({ maxEvents: 3 });
    const [open, first, second, next] = [newEvent(), newEvent(), newEvent(), newEvent()];
    for (const event of [open, first, second]) await store.accept(event);
    for (const { key } of [first, second]) {
      const { token } = claimOf({ key });
      await store.claim(claimOf({ key, token }));
      await store.settle({ key, token }, { state: "done", delayMs: null, note: null, counts: true, history: null });
    }
    expect(await store.accept(next)).toEqual({ outcome: "accepted", state: "received" });
    const there = await Promise.all([open, first, second, next].map(async ({ key }) => (await store.get(key))?.state));
    expect(there).toEqual(["received", undefined, "done", "received"]);
  });

  it("refuses a new event when none is finished, and still recognizes duplicates", async () => {
    const store = memoryStore({ maxEvents: 1 });
    const event = newEvent();
    await store.accept(event);
    await expect(store.accept(newEvent())).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      message: expect.stringContaining("maxEvents"),
    });
    expect(await store.accept(event)).toEqual({ outcome: "duplicate", state: "received" });
  });

  it("must be at least one event", () => {
    for (const maxEvents of [0, Number.NaN])
      expect(() => memoryStore({ maxEvents })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
