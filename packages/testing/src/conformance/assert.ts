/** Fails a case, with a message that says what was expected and what was received. */
export function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

/** Fails a case whose values differ. Compares them as JSON. */
export function assertSame(what: string, actual: unknown, expected: unknown): void {
  const [actualText, expectedText] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(actualText === expectedText, `${what}: expected ${expectedText}, but received ${actualText}`);
}
