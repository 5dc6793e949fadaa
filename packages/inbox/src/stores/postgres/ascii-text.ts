import type { InboxStore } from "../../ports/store.ts";

/**
 * Wraps a store in a database whose encoding lacks characters, such as LATIN1: every other character than those of ASCII is written as JSON writes it,
 * `\u20ac`. All texts of events are JSON or escaped like it, so that they read the same.
 *
 * @param isUnicode - whether the database holds any text, which is known once the store is open
 */
export function withAsciiText<Tx>(store: InboxStore<Tx>, isUnicode: () => boolean): InboxStore<Tx> {
  const ascii = <Text extends string | null>(text: Text) =>
    text === null || isUnicode() ? text : text.replace(/[^\0-\x7f]/g, escapeUnit);
  const asciiAll = (texts: readonly string[]) => (isUnicode() ? texts : texts.map(ascii));
  /** Replaces the texts of an object by those with these names. */
  const changed = <Given extends object>(given: Given, ...names: readonly (keyof Given & string)[]): Given => {
    if (isUnicode()) return given;
    const texts = names.map((name) => [name, typeof given[name] === "string" ? ascii(given[name]) : given[name]]);
    return { ...given, ...Object.fromEntries(texts) };
  };
  const EVENT = ["eventId", "name", "recordId", "headers", "deadReason"] as const;

  return {
    ...store,
    accept: (event) => store.accept(changed(event, ...EVENT)),
    reject: (event, cap) => store.reject(changed(event, ...EVENT), cap),
    claim: ({ onlyNames, exceptNames, ...request }) =>
      store.claim({ ...request, onlyNames: onlyNames && asciiAll(onlyNames), exceptNames: asciiAll(exceptNames) }),
    settle: (lease, settlement) => store.settle(lease, changed(settlement, "note", "history")),
    list: (query) => store.list(changed(query, "name", "note")),
    pause: (source, name) => store.pause(source, ascii(name)),
    resume: (source, name) => store.resume(source, ascii(name)),
    index: (entries) => store.index(entries.map((entry) => changed(entry, "recordId"))),
  };
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
