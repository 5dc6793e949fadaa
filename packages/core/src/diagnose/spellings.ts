/** Ways to write one JSON value down that a sender may have used; each is also how a body comes to be changed. */
type Spelling = (value: unknown) => string;

/** As `JSON.stringify` does, without white space. */
export const compact: Spelling = (value) => JSON.stringify(value);

/** With a space after each colon and comma, as Python does. Line ends stand only between tokens: those in strings are escaped. */
export const spaced: Spelling = (value) =>
  JSON.stringify(value, null, 1)
    .replace(/([[{])\n\s*|\n\s*([\]}])/g, "$1$2")
    .replace(/\n\s*/g, " ");

/** On many lines, as people read it. */
export const indented: readonly Spelling[] = [2, 4, "\t"].map((by) => (value) => JSON.stringify(value, null, by));

/** The text written anew; none where it is no JSON, or is nested deeper than the stack. */
export function spelledAgain(text: string, spellings: readonly Spelling[]): readonly string[] {
  try {
    const value: unknown = JSON.parse(withoutBom(text));
    return spellings.map((spell) => spell(value));
  } catch {
    return [];
  }
}

/** The text with what other languages escape and `JSON.stringify` does not: PHP, Python, Go and .NET. */
export function escaped(json: string): readonly string[] {
  const slashed = json.replaceAll("/", "\\/");
  return [ascii(json), slashed, ascii(slashed), html(json), ascii(html(json)).replace(DIGITS, upper)];
}

const ascii = (json: string) => json.replace(/[\u0080-\uffff]/g, unicode);
const html = (json: string) => json.replace(/[<>&]/g, unicode);
const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
const DIGITS = /\\u[\da-f]{4}/g;
const upper = (digits: string) => `\\u${digits.slice(2).toUpperCase()}`;

/** The text in the JSON text, where it holds nothing else; none otherwise. */
export function quotedIn(text: string): readonly string[] {
  const value = parsed(text);
  return typeof value === "string" ? [value] : [];
}

/** The string in one field of a JSON object; none where there is no such string. */
export function fieldIn(text: string, name: string): readonly string[] {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return [];
  const held = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof held === "string" ? [held] : [];
}

/** The text without the byte order mark at its start. */
export function withoutBom(text: string): string {
  return text.replace(/^\ufeff/, "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(withoutBom(text));
  } catch {
    return undefined;
  }
}
