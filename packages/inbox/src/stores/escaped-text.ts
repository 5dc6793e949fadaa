import { escapeText, unescapeText } from "../lib/escape-text.ts";
import type { InboxStore } from "../ports/store.ts";
import type { NewEvent } from "../ports/stored-event.ts";

/**
 * Wraps a store so that the inbox works with texts as they are, and the store only ever sees escaped ones: event ids, names and notes
 * may hold NUL, control characters and lone surrogates, which some engines refuse.
 *
 * @param store - a plain object, as `withDeadline` makes it: methods of a class would not survive the spread
 */
export function withEscapedText<Tx>(store: InboxStore<Tx>): InboxStore<Tx> {
  return {
    ...store,
    get durability() {
      return store.durability;
    },
    accept: (event) => store.accept(escaped(event)),
    reject: (event, cap) => store.reject(escaped(event), cap),
    claim: async (request) => (await store.claim(request)).map(unescaped),
    settle: (lease, settlement) => store.settle(lease, { ...settlement, note: orNull(settlement.note, escapeText) }),
    get: async (key) => {
      const stored = await store.get(key);
      return stored && { ...unescaped(stored), note: orNull(stored.note, unescapeText) };
    },
    list: async (query) => {
      const page = await store.list({ ...query, name: orNull(query.name, escapeText) });
      return page.map((stored) => ({ ...unescaped(stored), note: orNull(stored.note, unescapeText) }));
    },
  };
}

function escaped(event: NewEvent): NewEvent {
  return { ...event, eventId: orNull(event.eventId, escapeText), name: escapeText(event.name) };
}

function unescaped<Event extends Pick<NewEvent, "eventId" | "name">>(event: Event): Event {
  return { ...event, eventId: orNull(event.eventId, unescapeText), name: unescapeText(event.name) };
}

function orNull(text: string | null, change: (text: string) => string): string | null {
  return text === null ? null : change(text);
}
