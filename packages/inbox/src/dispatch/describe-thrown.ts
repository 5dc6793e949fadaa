/** The longest note that is kept of an error, in UTF-16 code units. */
const MAX_LENGTH = 2_048;

/** Describes a thrown value in one text. It may be anything: `undefined`, a frozen error, an object whose properties throw. */
export function describeThrown(thrown: unknown): string {
  return textOf(thrown).slice(0, MAX_LENGTH);
}

function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown: ${String(thrown)}`;
  } catch {
    return "thrown: something that cannot be read";
  }
}
