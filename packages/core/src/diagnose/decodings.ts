import { bytesOf } from "../lib/bytes.ts";
import { decodeSignature } from "../verify/signature.ts";

/** The bytes that hex digits stand for; none where the text is no hex. */
export function fromHex(text: string): readonly Uint8Array[] {
  const pairs = /^(?:[\da-f]{2})+$/i.test(text) ? text.match(/../g) : null;
  return pairs === null ? [] : [Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16))];
}

/** The bytes that base64 or base64url stands for; none where the text is neither, or is empty. */
export function fromBase64(text: string): readonly Uint8Array[] {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return binary === "" ? [] : [Uint8Array.from(binary, (byte) => byte.charCodeAt(0))];
  } catch {
    return [];
  }
}

/**
 * The bytes of a text that was decoded one byte at a time, as `toString("latin1")` does and, for some bytes, windows-1252;
 * none where the text holds a character that neither gives.
 */
export function fromSingleBytes(text: string): readonly Uint8Array[] {
  const windows1252 = new TextDecoder("windows-1252").decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  const bytes = Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff && character.length === 1 ? code : windows1252.indexOf(character);
  });
  return bytes.includes(-1) ? [] : [Uint8Array.from(bytes)];
}

/** The 32 bytes of a signature as core decodes it; none where it refuses to. */
export function fromSignature(signature: string): readonly Uint8Array[] {
  return fromHex(decodeSignature(signature) ?? "");
}

/** The text of bytes; U+FFFD stands where they are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/** Whether the bytes are UTF-8 that holds U+FFFD, as bytes that were no UTF-8 become by being decoded. */
export function holdsReplacement(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  return text.includes("\ufffd") && bytesOf(text).every((byte, at) => byte === bytes[at]);
}
