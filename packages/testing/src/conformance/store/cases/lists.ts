import type { InboxStore, ListQuery } from "@popp-webhooks/inbox";
import { assertSame } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { claimOne, settled } from "../claim-and-settle.ts";
import { newEvent, tagOf } from "../new-event.ts";
import { EVERYTHING } from "../queries.ts";
import type { StoreCase } from "../store-case.ts";

async function keysOf<Tx>(store: InboxStore<Tx>, filter: Partial<ListQuery>): Promise<readonly string[]> {
  return (await store.list({ ...EVERYTHING, ...filter })).map(({ key }) => key);
}

/** What lists promise. */
export const listCases: readonly StoreCase[] = [
  {
    name: "lists the newest first, by state, name, note and time",
    async run({ store }) {
      const [old, named, late] = [newEvent(), newEvent({ name: "DOCUMENT_UPLOADED" }), newEvent()];
      await store.accept(old);
      await store.accept(named);
      await pause(30);
      await store.accept(late);
      await store.settle((await claimOne(store, old)).lease, settled.done);
      await store.settle((await claimOne(store, named)).lease, { ...settled.done, note: "unhandled" });
      const name = { name: "DOCUMENT_UPLOADED", nameTag: tagOf("DOCUMENT_UPLOADED") };
      assertSame("all", await keysOf(store, {}), [late.key, named.key, old.key]);
      assertSame("by state", await keysOf(store, { state: "done" }), [named.key, old.key]);
      assertSame("by name", await keysOf(store, name), [named.key]);
      assertSame("by name and state", await keysOf(store, { ...name, state: "received" }), []);
      assertSame("by an absent name", await keysOf(store, { name: "NEVER", nameTag: tagOf("NEVER") }), []);
      assertSame("by note", await keysOf(store, { note: "unhandled" }), [named.key]);
      const at = (await store.get(late.key))?.receivedAtMs ?? 0;
      assertSame("since a time", await keysOf(store, { sinceMs: at }), [late.key]);
      assertSame("until a time", await keysOf(store, { untilMs: at }), [named.key, old.key]);
      assertSame("since tomorrow", await keysOf(store, { sinceMs: at + 86_400_000 }), []);
      assertSame("of another source", await keysOf(store, { source: "another" }), []);
    },
  },
  {
    name: "lists by tags: all lists must hold, one tag of each is enough",
    async run({ store }) {
      const [candidate, other, organization, rare] = ["candidate", "other", "organization", "rare"].map(tagOf);
      if (!candidate || !other || !organization || !rare) throw new Error("expected four tags");
      const largest = 2 ** 52 - 1;
      const [one, two, three] = [
        newEvent({ tags: [candidate, organization] }),
        newEvent({ tags: [other, organization, largest] }),
        newEvent({ tags: [] }),
      ];
      for (const event of [one, two, three]) await store.accept(event);
      assertSame("one tag", await keysOf(store, { tags: [[candidate]] }), [one.key]);
      assertSame("the largest tag", await keysOf(store, { tags: [[largest]] }), [two.key]);
      assertSame("either of two", await keysOf(store, { tags: [[other, candidate, rare]] }), [two.key, one.key]);
      assertSame("both of two", await keysOf(store, { tags: [[organization], [candidate]] }), [one.key]);
      assertSame("a tag that nothing has", await keysOf(store, { tags: [[rare]] }), []);
      assertSame("an empty list of tags", await keysOf(store, { tags: [[]] }), []);
      assertSame("with a name", await keysOf(store, { tags: [[candidate]], name: "NO", nameTag: tagOf("NO") }), []);
      assertSame("of another source", await keysOf(store, { tags: [[candidate]], source: "another" }), []);
      assertSame("the tags of one", (await store.get(one.key))?.tags, [candidate, organization]);
      assertSame("the record id", (await store.get(one.key))?.recordId, one.recordId);
    },
  },
  {
    name: "pages without a gap or a repeat while events arrive, by tag too",
    async run({ store }) {
      const tags = [tagOf("pages")];
      const first = Array.from({ length: 10 }, () => newEvent({ tags }));
      for (const event of first) await store.accept(event);
      for (const filter of [{}, { tags: [tags] }]) {
        const seen: string[] = [];
        let beforeSeq: number | null = null;
        for (;;) {
          const page = await store.list({ ...EVERYTHING, ...filter, beforeSeq, limit: 3 });
          seen.push(...page.map(({ key }) => key));
          const last = page.at(-1);
          if (last === undefined) break;
          beforeSeq = last.seq;
          await store.accept(newEvent({ tags }));
        }
        assertSame("the pages", seen.slice(-10), first.map(({ key }) => key).reverse());
        assertSame("repeats", new Set(seen).size, seen.length);
      }
    },
  },
  {
    name: "finds a tag among 9,000 events, in whatever part of the index it is",
    async run({ store }) {
      const [rare, common] = [tagOf("rare"), tagOf("common")];
      const places = [0, 4_095, 4_096, 8_500, 8_999];
      const events = Array.from({ length: 9_000 }, (_, at) =>
        newEvent({ tags: places.includes(at) ? [common, rare] : [common] }),
      );
      for (let at = 0; at < events.length; at += 100)
        await Promise.all(events.slice(at, at + 100).map((event) => store.accept(event)));
      const expected = events.filter((_, at) => places.includes(at)).map(({ key }) => key);
      assertSame("all", [...(await keysOf(store, { tags: [[rare]] }))].sort(), [...expected].sort());
      assertSame("the newest", (await keysOf(store, { tags: [[rare]], limit: 1 })).length, 1);
      assertSame("with a common one", (await keysOf(store, { tags: [[common], [rare]] })).length, places.length);
      assertSame("a full page", (await keysOf(store, { tags: [[common]], limit: 500 })).length, 500);
    },
  },
  {
    name: "reads bodies only where they are asked for",
    async run({ store }) {
      const event = newEvent();
      await store.accept(event);
      const [without] = await store.list(EVERYTHING);
      assertSame("without", [without?.body, without?.headers, without?.hasBody], [null, null, true]);
      const [withBody] = await store.list({ ...EVERYTHING, bodies: true });
      assertSame("with", [withBody?.headers, [...(withBody?.body ?? [])]], [event.headers, [...event.body]]);
      assertSame(
        "by tag",
        (await store.list({ ...EVERYTHING, bodies: true, tags: [event.tags] }))[0]?.headers,
        event.headers,
      );
    },
  },
];
