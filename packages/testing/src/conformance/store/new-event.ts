import type { NewEvent } from "@popp-webhooks/inbox";

/** The source of the suite's events. */
export const SOURCE = "suite";

let created = 0;

/** Creates an event as an inbox passes it to a store. Each has its own key and id. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  const number = ++created;
  return {
    key: keyOf(`event ${number}`),
    source: SOURCE,
    eventId: `evt_${number}`,
    name: "CONVERSATION_STARTED",
    recordId: `conv_${number}`,
    tags: [number],
    nameTag: tagOf(overrides.name ?? "CONVERSATION_STARTED"),
    hash: keyOf(`body ${number}`),
    body: new TextEncoder().encode(`{"number":${number}}`),
    headers: '{"content-type":"application/json"}',
    orderKey: null,
    orderAtMs: null,
    deadReason: null,
    ...overrides,
  };
}

/** Maps a text to a tag: 52 bits. */
export function tagOf(text: string): number {
  return Number.parseInt(keyOf(text).slice(0, 13), 16);
}

/** Maps a text to 32 hex digits, like an inbox's keys. Four rounds of FNV-1a: good for tests only. */
export function keyOf(text: string): string {
  let digits = "";
  for (let round = 0; round < 4; round++) {
    let hash = 0x811c9dc5 ^ (round * 0x9e3779b1);
    for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    digits += hash.toString(16).padStart(8, "0");
  }
  return digits;
}
