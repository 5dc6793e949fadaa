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
  it("commits the handler's writes together with the event's completion, and gives what the work returned", async () => {
    let stateWithin: unknown;
    let returned: unknown;
    const { state } = await handleOne(async ({ tx }) => {
      returned = await tx((db) => {
        write(db);
        stateWithin = db.prepare("SELECT state FROM popp_inbox").get();
        return "what the work returned";
      });
    });
    expect([state, written(), returned]).toEqual(["done", 1, "what the work returned"]);
    expect(stateWithin).toMatchObject({ state: "done" });
  });

  it("leaves no trace of work that throws, and the event is tried again", async () => {
    const { state, error } = await handleOne(({ tx }) =>
      tx((db) => {
        write(db);
        throw new Error("constraint failed");
      }),
    );
    expect([state, written(), error]).toEqual(["retry", 0, new Error("constraint failed")]);
  });

  it("fails the event, and not the process, where the handler throws before it comes to wait for it", async () => {
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

  it("fails the event where any of several fails that the handler does not wait for", async () => {
    const { state, error } = await handleOne(({ tx }) => {
      for (const message of ["the first", "the second"])
        void tx(() => {
          throw new Error(message);
        });
    });
    expect([state, error]).toEqual(["retry", new Error("the first")]);
  });

  it("lets it be seen that the handler failed after its transaction, which counts", async () => {
    const { state, error } = await handleOne(async ({ tx }) => {
      await tx(write);
      throw new Error("afterwards");
    });
    expect([state, written(), error]).toEqual(["done", 1, new Error("afterwards")]);
  });

  it("may fail and be tried again within the handler", async () => {
    const { state } = await handleOne(async ({ tx }) => {
      await tx(() => {
        throw new Error("busy");
      }).catch(() => {});
      await tx(write);
    });
    expect([state, written()]).toEqual(["done", 1]);
  });

  it("is what counts, whatever the handler does afterwards", async () => {
    const { state, transitions } = await handleOne(async ({ tx }) => {
      await tx(write);
      throw new Error("the mail server is down");
    });
    expect([state, written()]).toEqual(["done", 1]);
    expect(transitions.map((transition) => transition.state)).toEqual(["received", "processing", "done"]);
  });

  it("is waited for where the handler does not, and may be taken off its context", async () => {
    const { state } = await handleOne(({ tx }) => void tx(write));
    expect([state, written()]).toEqual(["done", 1]);
  });

  it("fails a handler that did not wait for it, when its work fails", async () => {
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

  it("refuses work that is not synchronous with SQLite, and says what to do", async () => {
    const { state, error } = await handleOne(({ tx }) => tx(async (db) => write(db)));
    expect([state, written()]).toEqual(["retry", 0]);
    expect(error).toMatchObject({ code: "CONFIG_INVALID", message: expect.stringContaining("must be synchronous") });
  });

  it("rejects, and the writes leave no trace, when the event belongs to somebody else by now", async () => {
    let failed: unknown;
    let reason: unknown;
    const { transitions } = await handleOne(async ({ tx, signal }) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      database.exec("UPDATE popp_inbox SET token = 'of another process', fence = fence + 1");
      failed = await tx(write).catch((error: unknown) => error);
      await new Promise(() => {});
    });
    expect([failed, reason]).toMatchObject([{ name: "LeaseLostError" }, { name: "LeaseLostError" }]);
    expect(written()).toBe(0);
    expect(transitions.map((transition) => transition.state)).toEqual(["received", "processing"]);
  });

  it("rejects once the handler's time is up", async () => {
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

  it("says where it is to be had, with a store that has no transactions", async () => {
    const { send, inbox, transitions } = stage({
      maxAttempts: 1,
      on: { CONVERSATION_STARTED: (_, { tx }) => tx(() => {}) },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    expect(transitions.at(-1)).toMatchObject({ state: "dead", error: { code: "CONFIG_INVALID" } });
  });
});
