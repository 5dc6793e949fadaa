/** What it is given is given back, a leading U+FEFF included. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads a text, which came as bytes; null where there is none. */
export function textOf(reply: unknown): string | null {
  if (reply === null || reply === undefined) return null;
  return reply instanceof Uint8Array ? decoder.decode(reply) : String(reply);
}

/** Reads a number, which came as one or as its digits; null where there is none. */
export function numberOf(reply: unknown): number | null {
  const text = textOf(reply);
  return text === null ? null : Number(text);
}

/** Reads several replies. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** Reads a hash, whose fields and values come in turn. */
export function hashOf(reply: unknown): ReadonlyMap<string, unknown> {
  const parts = listOf(reply);
  const hash = new Map<string, unknown>();
  for (let at = 0; at + 1 < parts.length; at += 2) hash.set(textOf(parts[at]) ?? "", parts[at + 1]);
  return hash;
}
