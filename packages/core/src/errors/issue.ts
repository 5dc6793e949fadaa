/**
 * One place where a payload does not fit the model.
 *
 * It names types only, never values: a payload holds candidates' personal data, and issues end in logs.
 */
export interface Issue {
  /** Where, as a dotted path from the payload's root, such as `data.meetingDetails.title`; empty for the root itself. */
  readonly path: string;
  /** What the model says should stand there, such as `string`. */
  readonly expected: string;
  /** The JSON type of what stands there (`string`, `number`, `boolean`, `null`, `array`, `object`), or `nothing`. */
  readonly received: string;
}

/** Names the JSON type of a value, as issues report it. */
export function jsonTypeOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
