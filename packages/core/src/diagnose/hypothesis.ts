/** A delivery as it failed to verify. */
export interface Evidence {
  /** The body's bytes as they were given. */
  readonly body: Uint8Array;
  /** The body as text; replaced characters where it is not UTF-8. */
  readonly text: string;
  /** The signatures as they were given. */
  readonly signatures: readonly string[];
  /** The secrets as they were given. */
  readonly secrets: readonly string[];
}

/** A mistake that recomputing can prove, as one stable word. */
export type HypothesisCause =
  | "matches"
  | "secret-whitespace"
  | "secret-quotes"
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
  | "secret-encoded"
  | "signed-content";

/**
 * One way in which a genuine delivery comes to be refused: what was signed, with what key, and how the signature is
 * to be read, if it is so. What is left out is taken as it was given.
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
}
