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

/** Whether a body holds a value, and not only a longer one that contains it: `cand_1` is not in `cand_10`. */
export function holdsValue({ body }: Pick<StoredEvent, "body">, value: string): boolean {
  if (body === null) return false;
  const raw = decoder.decode(body);
  if (valuesOf(raw).includes(value)) return true;
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\w-])${escaped}(?![\\w-])`).test(raw);
}

/** The texts of a JSON body: its names and values, numbers too. */
function valuesOf(raw: string): readonly string[] {
  const texts: string[] = [];
  try {
    JSON.parse(raw, (name, value: unknown) => {
      texts.push(name);
      if (typeof value === "string" || typeof value === "number") texts.push(String(value));
      return value;
    });
  } catch {
    // A rejected body need not be JSON.
  }
  return texts;
}
