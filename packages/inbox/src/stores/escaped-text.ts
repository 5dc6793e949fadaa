import { escapeText, unescapeText } from "../lib/escape-text.ts";
import type { InboxStore } from "../ports/store.ts";
import type { NewEvent } from "../ports/stored-event.ts";

/**
 * Wraps a store so that the inbox works with texts as they are, and the store only ever sees escaped ones: ids, names and notes may hold NUL,
 * control characters and lone surrogates, which some engines refuse. Histories are JSON, which is escaped already.
 *
 * @param store - a plain object, as `withDeadline` makes it: methods of a class would not survive the spread
 */
export function withEscapedText<Tx>(store: InboxStore<Tx>): InboxStore<Tx> {
  return {
    ...store,
    get durability() {
      return store.durability;
    },
    get place() {
      return store.place;
    },
    get problem() {
      return store.problem ?? null;
    },
    accept: (event) => store.accept(escaped(event)),
    reject: (event, cap) => store.reject(escaped(event), cap),
    claim: async ({ onlyNames, exceptNames, ...request }) => {
      const names = { onlyNames: onlyNames?.map(escapeText) ?? null, exceptNames: exceptNames.map(escapeText) };
      return (await store.claim({ ...request, ...names })).map(unescaped);
    },
    settle: (lease, settlement) => store.settle(lease, { ...settlement, note: orNull(settlement.note, escapeText) }),
    get: async (key) => {
      const stored = await store.get(key);
      return stored && withNote(unescaped(stored));
    },
    list: async ({ name, note, ...query }) => {
      const texts = { name: orNull(name, escapeText), note: orNull(note, escapeText) };
      return (await store.list({ ...query, ...texts })).map((stored) => withNote(unescaped(stored)));
    },
    pause: (source, name) => store.pause(source, escapeText(name)),
    resume: (source, name) => store.resume(source, escapeText(name)),
    stats: async (source) => {
      const { names, paused, ...stats } = await store.stats(source);
      const unescapedNames = Object.entries(names).map(([name, counts]) => [unescapeText(name), counts] as const);
      return { ...stats, names: Object.fromEntries(unescapedNames), paused: paused.map(unescapeText) };
    },
    unindexed: async (source, limit) =>
      (await store.unindexed(source, limit)).map((event) => ({ ...event, name: unescapeText(event.name) })),
    index: (entries) =>
      store.index(entries.map((entry) => ({ ...entry, recordId: orNull(entry.recordId, escapeText) }))),
  };
}

type Texts = Pick<NewEvent, "eventId" | "name" | "recordId">;

function escaped(event: NewEvent): NewEvent {
  return changed(event, escapeText);
}

function unescaped<Event extends Texts>(event: Event): Event {
  return changed(event, unescapeText);
}

function changed<Event extends Texts>(event: Event, change: (text: string) => string): Event {
  const { eventId, name, recordId } = event;
  return { ...event, eventId: orNull(eventId, change), name: change(name), recordId: orNull(recordId, change) };
}

function withNote<Event extends { readonly note: string | null }>(event: Event): Event {
  return { ...event, note: orNull(event.note, unescapeText) };
}

function orNull(text: string | null, change: (text: string) => string): string | null {
  return text === null ? null : change(text);
}
