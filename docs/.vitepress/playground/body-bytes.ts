/** The largest file that the page reads. A receiver takes 1 MiB by default. */
export const MAX_FILE_BYTES: number = 16 * 1024 * 1024;

/** The bytes that base64 or base64url stands for, white space aside; undefined when it is neither. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
  try {
    const plain = text.replace(/\s+/g, "").replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** What is special about the bytes of a body, in words; a text area would change or hide each of them. */
export function specialsOf(bytes: Uint8Array): readonly string[] {
  const text = decoded(bytes);
  if (text === undefined) return ["bytes that are not UTF-8"];
  return [
    ...(text.startsWith("\ufeff") ? ["a byte order mark at the start"] : []),
    ...(text.includes("\r\n") ? ["CRLF line ends"] : []),
    ...(/\r(?!\n)/.test(text) ? ["CR line ends"] : []),
    ...(text.includes("\0") ? ["null bytes"] : []),
  ];
}

/** Their number, with its hex, and what is special about them. */
export function describeBytes(bytes: Uint8Array): string {
  const { length } = bytes;
  const count = `${length.toLocaleString("en")} ${length === 1 ? "byte" : "bytes"} (0x${length.toString(16)})`;
  const specials = specialsOf(bytes);
  return specials.length > 0 ? `${count}, with ${specials.join(" and ")}` : count;
}

/** What is unusual about a secret, in words that do not quote it: nobody sees it in the field. */
export function describeSecret(secret: string): string {
  if (secret === "") return "";
  const { length } = Array.from(secret);
  const count = `${length} ${length === 1 ? "character" : "characters"}`;
  return secret === secret.trim() ? count : `${count}, with white space around it`;
}

/** The UTF-8 text of bytes; undefined when they are not UTF-8. */
export function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
