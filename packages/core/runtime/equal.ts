/** Throws unless both are the same as JSON; bytes are compared as bytes, and undefined with nothing else. */
export function equal(actual: unknown, expected: unknown): void {
  const [is, should] = [textOf(actual), textOf(expected)];
  if (is !== should) throw new Error(`expected ${should}, received ${is}`);
}

function textOf(value: unknown): string {
  if (value === undefined) return "undefined";
  if (!(value instanceof Uint8Array)) return JSON.stringify(value);
  return `${value.length} bytes: ${value.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 0)} ${value.subarray(0, 20)}`;
}
