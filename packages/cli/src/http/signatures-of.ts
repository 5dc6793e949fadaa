import type { HeaderPair } from "./send-bytes.ts";

/** The signatures of a request: the values of `x-signature`, a repeated header included. */
export function signaturesOf(headers: readonly HeaderPair[]): readonly string[] {
  return headers.filter(([name]) => /^x-signature$/i.test(name)).map(([, value]) => value);
}
