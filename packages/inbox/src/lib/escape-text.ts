/** Escapes NUL, control characters, quotes and lone surrogates as JSON does, so that every engine can store the text. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Reverses {@link escapeText}. */
export function unescapeText(text: string): string {
  return String(JSON.parse(`"${text}"`));
}
