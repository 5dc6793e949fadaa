import type { DatabaseSync } from "node:sqlite";
import type { InboxStore } from "../src/index.ts";

/** A defect for a store, to show that the tests find it. */
export type Flaw =
  | "answers first"
  | "never renews"
  | "ignores tokens"
  | "counts failures"
  | "own clock"
  | "looks first"
  | "does not sync";

/** Adds a defect to a store. */
export function flawed(
  store: InboxStore<DatabaseSync>,
  database: DatabaseSync,
  flaw: Flaw | undefined,
): InboxStore<DatabaseSync> {
  switch (flaw) {
    case "answers first":
      return {
        ...store,
        accept: async (event) => {
          setTimeout(() => void store.accept(event), 20);
          return { outcome: "accepted", state: "received" };
        },
      };
    case "never renews":
      return { ...store, renew: async () => true };
    case "ignores tokens":
      return {
        ...store,
        renew: async () => true,
        settle: async ({ key }, { state, note }) => {
          const text = "UPDATE popp_inbox_event SET state = ?, note = ?, token = NULL, due_at = NULL WHERE key = ?";
          database.prepare(text).run(state, note ?? "by whoever came last", key);
          return true;
        },
      };
    // A crash has no consequence: only reported failures are counted.
    case "counts failures":
      return { ...store, claim: (request) => store.claim({ ...request, maxCrashes: Number.MAX_SAFE_INTEGER }) };
    // The claimant's clock decides what is due.
    case "own clock":
      return {
        ...store,
        claim: (request) => {
          database.prepare("UPDATE popp_inbox_event SET due_at = 0 WHERE due_at <= ?").run(Date.now());
          return store.claim(request);
        },
      };
    // The setting of better-sqlite3 when it opens a WAL file for the second time.
    case "does not sync":
      return {
        ...store,
        open: async () => {
          await store.open();
          database.exec("PRAGMA synchronous = NORMAL");
        },
      };
    // Checks first whether the event is stored, and then stores it as new.
    case "looks first":
      return {
        ...store,
        accept: async (event) => {
          if ((await store.get(event.key)) !== undefined) return { outcome: "duplicate", state: "received" };
          await new Promise((resolve) => setTimeout(resolve, 5));
          database.prepare("DELETE FROM popp_inbox_event WHERE key = ?").run(event.key);
          return store.accept(event);
        },
      };
    default:
      return store;
  }
}
