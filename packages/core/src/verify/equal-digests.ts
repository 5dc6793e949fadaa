/** Compares two digests of one length in a time that does not depend on where they differ. */
export function equalDigests(a: Uint8Array, b: Uint8Array): boolean {
  return a.reduce((difference, byte, at) => difference | (byte ^ (b[at] ?? 0)), 0) === 0;
}
