import type { StoredEvent } from "@popp-webhooks/inbox";
import { assert, assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOne, claimWhenDue, retryIn, settled } from "../claim-and-settle.ts";
import { newEvent } from "../new-event.ts";
import type { StoreCase } from "../store-case.ts";

interface Line {
  readonly kind: string;
  readonly at: number;
  readonly number?: number;
  readonly outcome?: string;
  readonly durationMs?: number;
}

function linesOf(stored: StoredEvent | undefined): readonly Line[] {
  return (stored?.history ?? "").split("\n").map((line) => JSON.parse(line));
}

/** What histories promise. */
export const historyCases: readonly StoreCase[] = [
  {
    name: "keeps the history that a settlement gives, and gives it to the next claim",
    async run({ store }) {
      const [event, line] = [newEvent(), '{"kind":"attempt","note":"\\u0000 \\ud800 \u{1f600} \u00e9"}'];
      await store.accept(event);
      const first = await claimOne(store, event);
      assertSame("at first", first.claimed.history, null);
      await store.settle(first.lease, { ...retryIn(0), history: line });
      const second = await claimOne(store, event);
      assertSame("with the claim", second.claimed.history, line);
      await store.settle(second.lease, settled.done);
      const stored = await store.get(event.key);
      assertSame("when nothing is added", stored?.history, line);
      assertSame("when it began", stored?.startedAtMs, second.claimed.claimedAtMs);
    },
  },
  {
    name: "adds a line for a claim whose process died",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const { claimed } = await claimOne(store, event, { leaseMs: 1 });
      const again = await claimWhenDue(store, event);
      const [line, ...more] = again.claimed.history?.split("\n").map((text) => JSON.parse(text)) ?? [];
      assertSame("one line", more, []);
      assertSame("the line", [line.kind, line.number, line.outcome], ["attempt", 1, "crashed"]);
      assertSame("when it began", line.at, claimed.claimedAtMs);
    },
  },
  {
    name: "adds a line for a redrive, and one for the success before it",
    async run({ store }) {
      const [dead, done] = [newEvent(), newEvent()];
      for (const event of [dead, done]) await store.accept(event);
      await store.settle((await claimOne(store, dead)).lease, settled.dead);
      const { claimed, lease } = await claimOne(store, done);
      await pause(20);
      await store.settle(lease, settled.done);
      await store.redrive([dead.key, done.key], true);
      assertSame(
        "of the dead one",
        linesOf(await store.get(dead.key)).map(({ kind }) => kind),
        ["redrive"],
      );
      const [attempt, redrive, ...more] = linesOf(await store.get(done.key));
      assertSame("no more", more, []);
      assertSame("the success", [attempt?.kind, attempt?.number, attempt?.outcome], ["attempt", 1, "done"]);
      assertSame("when it began", attempt?.at, claimed.claimedAtMs);
      assert((attempt?.durationMs ?? 0) >= 10, `expected how long it took, but received ${attempt?.durationMs}`);
      assertSame("the redrive", [redrive?.kind, typeof redrive?.at], ["redrive", "number"]);
    },
  },
  {
    name: "keeps when an event was first and last delivered again",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      await store.accept(event);
      const first = await store.get(event.key);
      assertSame("the first duplicate", first?.firstDuplicateAtMs, first?.lastSeenAtMs);
      assertSame("no conflict", [first?.firstConflictAtMs, first?.lastConflictAtMs], [null, null]);
      await pause(20);
      await store.accept({ ...event, hash: "1".repeat(64) });
      const second = await store.get(event.key);
      assertSame("the first duplicate stays", second?.firstDuplicateAtMs, first?.firstDuplicateAtMs);
      assertSame("the first conflict", second?.firstConflictAtMs, second?.lastSeenAtMs);
      await pause(20);
      await store.accept({ ...event, hash: "2".repeat(64) });
      const third = await store.get(event.key);
      assertSame("the first conflict stays", third?.firstConflictAtMs, second?.firstConflictAtMs);
      assertSame("the last conflict", third?.lastConflictAtMs, third?.lastSeenAtMs);
      assertSame("counts and hash", [third?.duplicates, third?.conflicts, third?.conflictHash], [3, 2, "2".repeat(64)]);
    },
  },
];
