import { sha256 } from "./digest.ts";

/**
 * Returns the body that was accepted, or undefined when the stored one is damaged: its hash was stored with it.
 *
 * Behind a pooler that mixes the statements of several clients, Postgres has stored the hex text of bodies instead of their bytes. Those are repaired.
 */
export async function intactBody({
  body,
  hash,
}: {
  readonly body: Uint8Array;
  readonly hash: string;
}): Promise<Uint8Array | undefined> {
  if ((await sha256(body)) === hash) return body;
  const decoded = bytesOfHex(new TextDecoder().decode(body));
  return decoded !== undefined && (await sha256(decoded)) === hash ? decoded : undefined;
}

/** The bytes of a hex text, as Postgres writes it (`\\x7b7d`) or without the prefix. */
function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.startsWith("\\x") ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[\da-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}
