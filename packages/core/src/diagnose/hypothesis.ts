/** A delivery that failed to verify. */
export interface Evidence {
  /** The body's bytes as they were given. */
  readonly body: Uint8Array;
  /** The body as text. Bytes that are not UTF-8 are replaced. */
  readonly text: string;
  /** The signatures as they were given. */
  readonly signatures: readonly string[];
  /** The secrets as they were given. */
  readonly secrets: readonly string[];
}

/** A mistake that recomputing the signature can prove, as one stable word. */
export type HypothesisCause =
  | "matches"
  | "scheme-differs"
  | "secret-whitespace"
  | "secret-quotes"
  | "secret-invisible-characters"
  | "secret-name-kept"
  | "secret-joined"
  | "secret-escaped"
  | "secret-encoded"
  | "secret-line-end-missing"
  | "body-bom-added"
  | "body-bom-removed"
  | "body-line-ends"
  | "body-end"
  | "body-parsed"
  | "body-was-formatted"
  | "body-escapes-lost"
  | "body-quoted"
  | "body-base64"
  | "body-charset"
  | "body-empty"
  | "signature-decorated"
  | "signature-encoded-twice"
  | "signed-content";

/**
 * One mistake by which a genuine delivery is refused: the body that was signed, the key that signed it, and how to read
 * the signature. A part that is left out is taken as it was given.
 */
export interface Hypothesis {
  /** The stable name of the cause. */
  readonly cause: HypothesisCause;
  /** What happened, and what to change. */
  readonly explanation: string;
  /** The bodies that may have been signed instead of the one at hand. */
  readonly bodies?: (evidence: Evidence) => readonly (Uint8Array | string)[];
  /** The keys that may have signed instead of a secret at hand. */
  readonly keys?: (secret: string) => readonly (Uint8Array | string)[];
  /** The digests that a signature at hand may stand for. */
  readonly digests?: (signature: string) => readonly Uint8Array[];
  /** True when the body alone may have been signed, without `scheme.signedContent`. */
  readonly ignoresScheme?: boolean;
}
