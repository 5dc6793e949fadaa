/** Escapes NUL, control characters, quotes and lone surrogates as JSON does, so that every engine can store the text. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Reverses {@link escapeText}. A text that is not escaped, such as one that was written by hand, is taken as it is. */
export function unescapeText(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
