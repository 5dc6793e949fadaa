/** Keeps a leading U+FEFF, so that every text is returned as it was stored. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads a text from its bytes; null when there is none. */
export function textOf(reply: unknown): string | null {
  if (reply === null || reply === undefined) return null;
  return reply instanceof Uint8Array ? decoder.decode(reply) : String(reply);
}

/** Reads a number, or the digits of one; null when there is none, or another text that was written by hand. */
export function numberOf(reply: unknown): number | null {
  const text = textOf(reply);
  const number = text === null || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/** Reads a list of replies. */
export function listOf(reply: unknown): readonly unknown[] {
  return Array.isArray(reply) ? reply : [];
}

/** Reads a hash, whose fields and values alternate. */
export function hashOf(reply: unknown): ReadonlyMap<string, unknown> {
  const parts = listOf(reply);
  const hash = new Map<string, unknown>();
  for (let at = 0; at + 1 < parts.length; at += 2) hash.set(textOf(parts[at]) ?? "", parts[at + 1]);
  return hash;
}
