import type { StoredEvent } from "../ports/stored-event.ts";

const decoder = /* @__PURE__ */ new TextDecoder();

/** Whether an event's id or body holds a text, whatever its case, and also where JSON escapes it. */
export function holdsText({ eventId, body }: Pick<StoredEvent, "eventId" | "body">, text: string): boolean {
  const wanted = text.toLowerCase();
  if (eventId?.toLowerCase().includes(wanted)) return true;
  if (body === null) return false;
  const raw = decoder.decode(body);
  if (raw.toLowerCase().includes(wanted)) return true;
  // Only where something may be escaped.
  return raw.includes("\\") && valuesOf(raw).some((value) => value.toLowerCase().includes(wanted));
}

/** The texts of a JSON body: its names and values. */
function valuesOf(raw: string): readonly string[] {
  const texts: string[] = [];
  try {
    JSON.parse(raw, (name, value: unknown) => {
      texts.push(name);
      if (typeof value === "string") texts.push(value);
      return value;
    });
  } catch {
    // A rejected body need not be JSON.
  }
  return texts;
}
