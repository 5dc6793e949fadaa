import { describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { isRetryLaterError } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

const uploaded = (id: string) => eventOf(id, { event: "DOCUMENT_UPLOADED" });

describe('unhandled: "leave"', () => {
  it("leaves an event to the release that has its handler", async () => {
    const store = memoryStore();
    const runs: string[] = [];
    const older = stage({ store, unhandled: "leave", on: { CONVERSATION_STARTED: () => runs.push("older") } });
    const newer = stage({ store, unhandled: "leave", on: { DOCUMENT_UPLOADED: () => runs.push("newer") } });
    await older.send(uploaded("new"));
    await older.send(eventOf("old"));
    expect(await older.inbox.sweep()).toMatchObject({ done: 1 });
    expect(await older.inbox.get("new")).toMatchObject({ state: "received", attempts: 0 });
    expect(await newer.inbox.sweep()).toMatchObject({ done: 1 });
    expect(runs).toEqual(["older", "newer"]);
  });

  it("has the message of a queue come back", async () => {
    const refs: unknown[] = [];
    const queue = { enqueue: async (ref: unknown) => void refs.push(ref) };
    const { inbox, send } = stage({ queue, unhandled: "leave", on: { CONVERSATION_STARTED: () => {} } });
    await send(uploaded("evt_1"));
    await expect.poll(() => refs).toHaveLength(1);
    expect(await inbox.process(refs[0]).catch(isRetryLaterError)).toBe(true);
    expect(await inbox.get("evt_1")).toMatchObject({ state: "received", attempts: 0 });
  });

  it("leaves only names of the catalog when there is an UNRECOGNIZED handler", async () => {
    const { inbox, send } = stage({ unhandled: "leave", on: { UNRECOGNIZED: () => {} } });
    await send(eventOf("evt_1", { event: "SOMETHING_NEW" }));
    await send(uploaded("evt_2"));
    expect(await inbox.sweep()).toMatchObject({ done: 1 });
    expect((await inbox.get("evt_1"))?.state).toBe("done");
    expect((await inbox.get("evt_2"))?.state).toBe("received");
  });

  it("leaves everything when there are no handlers", async () => {
    const { inbox, send } = stage({ unhandled: "leave", on: {} });
    await send(eventOf("evt_1"));
    expect(await inbox.sweep()).toMatchObject({ done: 0 });
    expect((await inbox.get("evt_1"))?.state).toBe("received");
  });

  it("is refused in other words", () => {
    expect(() => stage({ unhandled: "keep" as never })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining('"done" or "leave"') }),
    );
  });
});
