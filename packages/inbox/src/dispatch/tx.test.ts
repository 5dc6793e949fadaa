import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import type { InboxHandlerContext } from "../index.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";

type Context = InboxHandlerContext<DatabaseSync>;

let database: DatabaseSync;
beforeEach(() => {
  database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE outcomes (candidate TEXT)");
});
afterEach(() => database.close());

const write = (db: DatabaseSync) => void db.prepare("INSERT INTO outcomes VALUES ('ada')").run();
const written = () => database.prepare("SELECT candidate FROM outcomes").all().length;

/** Sends one event to an inbox on the database and runs its handler once. */
async function handleOne(handler: (context: Context) => unknown) {
  const { send, inbox, transitions } = stage({
    store: sqliteStore(database),
    // No renewal within a test: the inbox learns of a lost lease from the transaction.
    leaseMs: 600_000,
    retryBaseMs: 60_000,
    retryMaxMs: 60_000,
    on: { CONVERSATION_STARTED: (_, context) => handler(context) },
  });
  await send(eventOf("evt_1"));
  await inbox.sweep();
  const last = transitions.at(-1);
  return { state: (await inbox.get("evt_1"))?.state, error: last?.error, transitions };
}

describe("tx", () => {
  it("commits the handler's writes and the event's completion together and returns the result", async () => {
    let stateWithin: unknown;
    let returned: unknown;
    const { state } = await handleOne(async ({ tx }) => {
      returned = await tx((db) => {
        write(db);
        stateWithin = db.prepare("SELECT state FROM popp_inbox_event").get();
        return "what the work returned";
      });
    });
    expect([state, written(), returned]).toEqual(["done", 1, "what the work returned"]);
    expect(stateWithin).toMatchObject({ state: "done" });
  });

  it("rolls back when the work throws, and the event is retried", async () => {
    const { state, error } = await handleOne(({ tx }) =>
      tx((db) => {
        write(db);
        throw new Error("constraint failed");
      }),
    );
    expect([state, written(), error]).toEqual(["retry", 0, new Error("constraint failed")]);
  });

  it("fails the event and not the process when the handler throws before awaiting it", async () => {
    const unhandled: unknown[] = [];
    const remember = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", remember);
    const { state, error } = await handleOne(async ({ tx }) => {
      const failing = tx(() => {
        throw new Error("constraint failed");
      });
      throw new Error(`before ${typeof failing} was awaited`);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("unhandledRejection", remember);
    expect([state, error, unhandled]).toEqual(["retry", new Error("before object was awaited"), []]);
  });

  it("fails the event when one of several unawaited transactions fails", async () => {
    const { state, error } = await handleOne(({ tx }) => {
      for (const message of ["the first", "the second"])
        void tx(() => {
          throw new Error(message);
        });
    });
    expect([state, error]).toEqual(["retry", new Error("the first")]);
  });

  it("reports that the handler failed after a committed transaction", async () => {
    const { state, error } = await handleOne(async ({ tx }) => {
      await tx(write);
      throw new Error("afterwards");
    });
    expect([state, written(), error]).toEqual(["done", 1, new Error("afterwards")]);
  });

  it("may fail and be repeated within the handler", async () => {
    const { state } = await handleOne(async ({ tx }) => {
      await tx(() => {
        throw new Error("busy");
      }).catch(() => {});
      await tx(write);
    });
    expect([state, written()]).toEqual(["done", 1]);
  });

  it("decides the event's result, whatever the handler does afterwards", async () => {
    const { state, transitions } = await handleOne(async ({ tx }) => {
      await tx(write);
      throw new Error("the mail server is down");
    });
    expect([state, written()]).toEqual(["done", 1]);
    expect(transitions.map((transition) => transition.state)).toEqual(["received", "processing", "done"]);
  });

  it("is awaited when the handler does not await it, and works detached from the context", async () => {
    const { state } = await handleOne(({ tx }) => void tx(write));
    expect([state, written()]).toEqual(["done", 1]);
  });

  it("fails the handler when unawaited work fails", async () => {
    const { state, error } = await handleOne(
      ({ tx }) =>
        void tx(() => {
          throw new Error("constraint failed");
        }),
    );
    expect([state, error]).toEqual(["retry", new Error("constraint failed")]);
  });

  it("completes an event once", async () => {
    let second: unknown;
    const { state } = await handleOne(async ({ tx }) => {
      await tx(write);
      second = await tx(write).catch((error: unknown) => error);
    });
    expect([state, written()]).toEqual(["done", 1]);
    expect(second).toMatchObject({ message: expect.stringContaining("has already completed the event") });
  });

  it("refuses asynchronous work with SQLite and says what to do", async () => {
    const { state, error } = await handleOne(({ tx }) => tx(async (db) => write(db)));
    expect([state, written()]).toEqual(["retry", 0]);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("must be synchronous") });
  });

  it("rejects and rolls back when another process has claimed the event", async () => {
    let failed: unknown;
    let reason: unknown;
    const { transitions } = await handleOne(async ({ tx, signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      database.exec("UPDATE popp_inbox_event SET token = 'of another process', fence = fence + 1");
      failed = await tx(write).catch((error: unknown) => error);
      await new Promise(() => {});
    });
    expect([failed, reason]).toMatchObject([{ name: "LeaseLostError" }, { name: "LeaseLostError" }]);
    expect(written()).toBe(0);
    expect(transitions.map((transition) => transition.state)).toEqual(["received", "processing"]);
  });

  it("rejects after the handler's timeout", async () => {
    let late: unknown;
    const { send, inbox, until } = stage({
      store: sqliteStore(database),
      handlerTimeoutMs: 20,
      maxAttempts: 1,
      on: {
        CONVERSATION_STARTED: async (_, { signal, tx }) => {
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          late = await tx(write).catch((error: unknown) => error);
        },
      },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    await until("dead");
    await expect.poll(() => late).toMatchObject({ name: "HandlerTimeoutError" });
    expect(written()).toBe(0);
  });

  it("fails with CONFIG_INVALID when its store has no transactions", async () => {
    const { send, inbox, transitions } = stage({
      maxAttempts: 1,
      on: { CONVERSATION_STARTED: (_, { tx }) => tx(() => {}) },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    expect(transitions.at(-1)).toMatchObject({ state: "dead", error: { code: "CONFIG_INVALID" } });
  });
});
