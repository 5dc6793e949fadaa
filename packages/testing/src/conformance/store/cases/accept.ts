import { assert, assertSame } from "../../assert.ts";
import { claimOf } from "../claim-and-settle.ts";
import { keyOf, newEvent } from "../new-event.ts";
import { EVERYTHING } from "../queries.ts";
import type { StoreCase } from "../store-case.ts";

/** Texts as an inbox escapes them, and bytes as nobody would write them. */
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

/** What keeping an event promises. */
export const acceptCases: readonly StoreCase[] = [
  {
    name: "keeps an event once, and says so of every further delivery",
    async run({ store }) {
      const event = newEvent();
      assertSame("the first delivery", await store.accept(event), { outcome: "accepted", state: "received" });
      assertSame("the second", await store.accept(event), { outcome: "duplicate", state: "received" });
      const stored = await store.get(event.key);
      assertSame("its duplicates", [stored?.duplicates, stored?.conflicts], [1, 0]);
    },
  },
  {
    name: "tells a delivery with other bytes, and keeps the first ones",
    async run({ store }) {
      const event = newEvent();
      const other = { ...event, hash: keyOf("other"), body: new Uint8Array([1]) };
      await store.accept(event);
      assertSame("the other bytes", await store.accept(other), { outcome: "conflict", state: "received" });
      const stored = await store.get(event.key);
      assertSame("the bytes that are kept", [...(stored?.body ?? [])], [...event.body]);
      assertSame(
        "the record of it",
        [stored?.hash, stored?.conflicts, stored?.conflictHash],
        [event.hash, 1, other.hash],
      );
    },
  },
  {
    name: "has an event on record for everyone once it is accepted",
    async run({ store, connect }) {
      const other = await connect();
      for (let round = 0; round < 10; round++) {
        const event = newEvent();
        await store.accept(event);
        assert((await other.get(event.key)) !== undefined, "accepted, but not there for another handle");
      }
    },
  },
  {
    name: "gives back what it was given, byte for byte",
    async run({ store }) {
      const event = newEvent({ body: ODD_BYTES, orderKey: keyOf("order"), orderAtMs: 1_790_000_000_123 });
      await store.accept(event);
      const stored = await store.get(event.key);
      assertSame("the bytes", [...(stored?.body ?? [])], [...ODD_BYTES]);
      const { body: _, deadReason: __, nameTag: ___, ...rest } = event;
      for (const [field, value] of Object.entries(rest)) assertSame(field, Reflect.get(stored ?? {}, field), value);
      const [claimed] = await store.claim(claimOf());
      assertSame("the bytes, claimed", [...(claimed?.body ?? [])], [...ODD_BYTES]);
      assertSame("the order, claimed", [claimed?.orderKey, claimed?.orderAtMs], [event.orderKey, event.orderAtMs]);
    },
  },
  {
    name: "keeps an empty body and one of 1 MiB",
    async run({ store }) {
      for (const length of [0, 1_048_576]) {
        const event = newEvent({ body: new Uint8Array(length).fill(0x61) });
        await store.accept(event);
        assertSame("the length", (await store.get(event.key))?.body?.byteLength, length);
      }
    },
  },
  {
    name: "keeps ids and names of any kind apart",
    async run({ store }) {
      const events = HOSTILE_IDS.map((id) => newEvent({ eventId: id, name: id, key: keyOf(id) }));
      for (const event of events) assertSame("the outcome", (await store.accept(event)).outcome, "accepted");
      for (const { key, eventId } of events) {
        const stored = await store.get(key);
        assertSame("the id and the name", [stored?.eventId, stored?.name], [eventId, eventId]);
      }
      const anonymous = newEvent({ eventId: null });
      await store.accept(anonymous);
      assertSame("no id", (await store.get(anonymous.key))?.eventId, null);
      assertSame("how many are claimed", (await store.claim(claimOf())).length, HOSTILE_IDS.length + 1);
    },
  },
  {
    name: "accepts one of 1,000 concurrent deliveries of one event",
    async run({ store, connect }) {
      const [event, other] = [newEvent(), await connect()];
      const all = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? store : other).accept(event)),
      );
      assertSame("how many were new", all.filter(({ outcome }) => outcome === "accepted").length, 1);
      assertSame("the duplicates on record", (await store.get(event.key))?.duplicates, 999);
    },
  },
  {
    name: "keeps an event with a dead reason as dead, and never gives it out",
    async run({ store }) {
      const event = newEvent({ deadReason: "too old" });
      assertSame("the outcome", await store.accept(event), { outcome: "accepted", state: "dead" });
      assertSame("what is claimed", await store.claim(claimOf()), []);
      assertSame("the note", (await store.get(event.key))?.note, "too old");
    },
  },
  {
    name: "keeps what is rejected for audit, the newest ones, and never gives it out",
    async run({ store }) {
      const rejected = Array.from({ length: 5 }, () => newEvent({ deadReason: "not JSON" }));
      const accepted = newEvent();
      await store.accept(accepted);
      for (const event of rejected) await store.reject(event, 3);
      const [, , ...newest] = rejected;
      const listed = await store.list({ ...EVERYTHING, state: "rejected" });
      assertSame(
        "what is listed",
        listed.map(({ key }) => key),
        newest.map(({ key }) => key).reverse(),
      );
      assertSame("the note", listed[0]?.note, "not JSON");
      assertSame(
        "what is claimed",
        (await store.claim(claimOf())).map(({ key }) => key),
        [accepted.key],
      );
    },
  },
];
