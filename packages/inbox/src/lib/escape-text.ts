/** Writes any text so that every engine takes it: NUL, control characters, quotes and lone surrogates escaped as in JSON. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Gives the text back that {@link escapeText} was given. */
export function unescapeText(text: string): string {
  return String(JSON.parse(`"${text}"`));
}

/** The longest note that is kept of an error, in UTF-16 code units. */
const NOTE_LENGTH = 2_048;

/** Says in a line what a handler threw, whatever it was: `undefined`, a frozen error, an object that throws at every touch. */
export function noteOf(thrown: unknown): string {
  return escapeText(describe(thrown).slice(0, NOTE_LENGTH));
}

function describe(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown: ${String(thrown)}`;
  } catch {
    return "thrown: something that cannot be read";
  }
}
