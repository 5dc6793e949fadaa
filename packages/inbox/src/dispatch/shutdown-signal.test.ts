import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { newEvent, SOURCE } from "../../../testing/src/conformance/store/new-event.ts";
import { createInbox } from "../create-inbox.ts";
import { sha256 } from "../event/digest.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";
import { ShutdownSignal } from "./shutdown-signal.ts";

it("calls back once when it fires, and at once when it has fired", () => {
  const shutdown = new ShutdownSignal();
  const calls: string[] = [];
  shutdown.listen(() => calls.push("early"));
  shutdown.listen(() => calls.push("called off"))();

  shutdown.fire();
  shutdown.fire();
  shutdown.listen(() => calls.push("late"));

  expect(calls).toEqual(["early", "late"]);
});

it("keeps no callbacks of handled events", async () => {
  // The rows of SQLite are not on the heap.
  const store = sqliteStore(new DatabaseSync(":memory:"));
  await store.open();
  const inbox = createInbox({ store, source: SOURCE, on: { UNRECOGNIZED: () => {} } });
  const body = new TextEncoder().encode('{"event":"SOMETHING","data":{}}');
  const hash = await sha256(body);
  async function handle(count: number): Promise<void> {
    for (let done = 0; done < count; done += 100) {
      await Promise.all(Array.from({ length: 100 }, () => store.accept(newEvent({ body, hash }))));
      expect(await inbox.sweep()).toMatchObject({ done: 100 });
    }
  }

  await handle(3_000);
  const before = heapBytes();
  await handle(10_000);

  expect((heapBytes() - before) / 10_000).toBeLessThan(200);
});

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}
