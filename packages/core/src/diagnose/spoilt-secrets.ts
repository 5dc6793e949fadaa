import { fromBase64, fromHex, textOf } from "./decodings.ts";

/** Zero-width characters, byte order marks, soft hyphens, direction marks, non-breaking and other special spaces, control characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/gu;

/** The secret without ASCII white space around it; `trim` would also remove characters that nobody sees. */
export function trimmed(secret: string): string {
  return secret.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

/** The secret without white space and quotes around it, straight or curly, however they are nested. */
export function bare(secret: string): string {
  const text = trimmed(secret);
  const inner = /^(["'`])(.*)\1$/s.exec(text)?.[2] ?? /^[“”„‘’«](.*)[“”‘’»]$/s.exec(text)?.[1];
  return inner === undefined ? text : bare(inner);
}

/** The secret without characters that nobody sees, as copying from a page or a chat adds them. */
export function withoutInvisible(secret: string): string {
  return bare(secret.replace(INVISIBLE, ""));
}

/** The secret without the name in front of it, as copying a whole line of an .env file or a YAML file leaves it. */
export function withoutName(secret: string): readonly string[] {
  const value = /^\s*["']?(?:export\s+|set\s+)?[A-Za-z_][\w.-]*["']?\s*[=:]\s*(.*)$/s.exec(secret)?.[1];
  return value === undefined ? [] : [value, bare(value)];
}

/** The secrets in a text that holds several: a list with separators, or a JSON array. */
export function separated(secret: string): readonly string[] {
  const parts = bare(secret)
    .replace(/^\[(.*)\]$/s, "$1")
    .split(/[,;|\s]+/);
  return parts.length > 1 ? parts.map(bare) : [];
}

/**
 * What the secret's escapes stand for: a literal `\n` or `\r\n`, backslashes before quotes or dollar signs, percent-encoding
 * and HTML entities. An escaped line end at its end may also be one that was never part of the secret.
 */
export function unescaped(secret: string): readonly string[] {
  const text = bare(secret);
  const plain = text.replace(/\\([nrt])/g, (_, letter: string) => ESCAPES[letter] ?? "").replace(/\\(.)/gs, "$1");
  const html = text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? "");
  const percent = [text, text.replaceAll("+", " ")].flatMap(fromPercent);
  return [plain, plain.trim(), html, ...percent]
    .filter((one) => one !== text && one !== "")
    .flatMap((one) => [one, bare(one)]);
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function fromPercent(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

/** The bytes that the secret stands for in hex or base64, with and without a line end in them, as `echo secret | base64` adds. */
export function decoded(secret: string): readonly (Uint8Array | string)[] {
  const text = bare(secret);
  return [...fromHex(text), ...fromBase64(text)].flatMap((bytes) => [bytes, bare(textOf(bytes))]);
}
