import { assert, assertSame } from "../../assert.ts";
import { claimOf } from "../claim-and-settle.ts";
import { keyOf, newEvent } from "../new-event.ts";
import { EVERYTHING } from "../queries.ts";
import type { StoreCase } from "../store-case.ts";

/** Ids as an inbox escapes them, and bytes that no text encoding would produce. */
const HOSTILE_IDS = [
  "\\u0000",
  "\\ud800",
  "'; DROP TABLE popp_inbox; --",
  "12345",
  "a:b",
  "%_\\\\",
  "é\u{1F600}",
  "x".repeat(10_000),
];
const ODD_BYTES = Uint8Array.from([0xef, 0xbb, 0xbf, 0x00, 0xff, 0xfe, 0xed, 0xa0, 0x80, 0x0d, 0x0a, 0x27, 0x5c, 0x00]);

/** Rules for accepting events. */
export const acceptCases: readonly StoreCase[] = [
  {
    name: "stores an event once and counts later deliveries as duplicates",
    async run({ store }) {
      const event = newEvent();
      assertSame("the first delivery", await store.accept(event), { outcome: "accepted", state: "received" });
      assertSame("the second delivery", await store.accept(event), { outcome: "duplicate", state: "received" });
      const stored = await store.get(event.key);
      assertSame("duplicates and conflicts", [stored?.duplicates, stored?.conflicts], [1, 0]);
    },
  },
  {
    name: "reports a delivery with different bytes as a conflict and keeps the first bytes",
    async run({ store }) {
      const event = newEvent();
      const other = { ...event, hash: keyOf("other"), body: new Uint8Array([1]) };
      await store.accept(event);
      assertSame("the outcome for different bytes", await store.accept(other), {
        outcome: "conflict",
        state: "received",
      });
      const stored = await store.get(event.key);
      assertSame("the stored bytes", [...(stored?.body ?? [])], [...event.body]);
      assertSame(
        "hash, conflicts and conflicting hash",
        [stored?.hash, stored?.conflicts, stored?.conflictHash],
        [event.hash, 1, other.hash],
      );
    },
  },
  {
    name: "an accepted event is visible to every connection at once",
    async run({ store, connect }) {
      const other = await connect();
      for (let round = 0; round < 10; round++) {
        const event = newEvent();
        await store.accept(event);
        assert(
          (await other.get(event.key)) !== undefined,
          "expected another connection to see the accepted event, but it did not",
        );
      }
    },
  },
  {
    name: "returns the body and the fields unchanged",
    async run({ store }) {
      const event = newEvent({ body: ODD_BYTES, orderKey: keyOf("order"), orderAtMs: 1_790_000_000_123 });
      await store.accept(event);
      const stored = await store.get(event.key);
      assertSame("the stored bytes", [...(stored?.body ?? [])], [...ODD_BYTES]);
      const { body: _, deadReason: __, nameTag: ___, ...rest } = event;
      for (const [field, value] of Object.entries(rest)) assertSame(field, Reflect.get(stored ?? {}, field), value);
      const [claimed] = await store.claim(claimOf());
      assertSame("the claimed bytes", [...(claimed?.body ?? [])], [...ODD_BYTES]);
      assertSame(
        "the claimed order key and time",
        [claimed?.orderKey, claimed?.orderAtMs],
        [event.orderKey, event.orderAtMs],
      );
    },
  },
  {
    name: "stores an empty body and a body of 1 MiB",
    async run({ store }) {
      for (const length of [0, 1_048_576]) {
        const event = newEvent({ body: new Uint8Array(length).fill(0x61) });
        await store.accept(event);
        assertSame("the length of the body", (await store.get(event.key))?.body?.byteLength, length);
      }
    },
  },
  {
    name: "stores unusual ids and names unchanged",
    async run({ store }) {
      const events = HOSTILE_IDS.map((id) => newEvent({ eventId: id, name: id, key: keyOf(id) }));
      for (const event of events) assertSame("the outcome", (await store.accept(event)).outcome, "accepted");
      for (const { key, eventId } of events) {
        const stored = await store.get(key);
        assertSame("the id and the name", [stored?.eventId, stored?.name], [eventId, eventId]);
      }
      const anonymous = newEvent({ eventId: null });
      await store.accept(anonymous);
      assertSame("the id of an event without one", (await store.get(anonymous.key))?.eventId, null);
      assertSame("the number of claimed events", (await store.claim(claimOf())).length, HOSTILE_IDS.length + 1);
    },
  },
  {
    name: "accepts exactly one of 1,000 concurrent deliveries of the same event",
    async run({ store, connect }) {
      const [event, other] = [newEvent(), await connect()];
      const all = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? store : other).accept(event)),
      );
      assertSame("the number of accepted deliveries", all.filter(({ outcome }) => outcome === "accepted").length, 1);
      assertSame("the recorded duplicates", (await store.get(event.key))?.duplicates, 999);
    },
  },
  {
    name: "an event accepted with a dead reason is dead and cannot be claimed",
    async run({ store }) {
      const event = newEvent({ deadReason: "too old" });
      assertSame("the outcome", await store.accept(event), { outcome: "accepted", state: "dead" });
      assertSame("the claimed events", await store.claim(claimOf()), []);
      assertSame("the note", (await store.get(event.key))?.note, "too old");
    },
  },
  {
    name: "keeps the newest rejected events for audit, and they cannot be claimed",
    async run({ store }) {
      const rejected = Array.from({ length: 5 }, () => newEvent({ deadReason: "not JSON" }));
      const accepted = newEvent();
      await store.accept(accepted);
      for (const event of rejected) await store.reject(event, 3);
      const [, , ...newest] = rejected;
      const listed = await store.list({ ...EVERYTHING, state: "rejected" });
      assertSame(
        "the listed events",
        listed.map(({ key }) => key),
        newest.map(({ key }) => key).reverse(),
      );
      assertSame("the note", listed[0]?.note, "not JSON");
      assertSame(
        "the claimed events",
        (await store.claim(claimOf())).map(({ key }) => key),
        [accepted.key],
      );
    },
  },
];
