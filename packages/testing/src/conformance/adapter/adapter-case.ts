/** An app under test, listening on loopback. */
export interface MountedAdapter {
  /** The URL of the conformance receiver. */
  readonly url: string;
  /** A route of the same app that parses JSON with the app's parser and answers with the parsed value. */
  readonly jsonUrl?: string | undefined;
  /** The URL of a conformance receiver behind a JSON parser, if the framework has such a parser. */
  readonly parsedFirstUrl?: string | undefined;
  /**
   * Shuts the app down as a deployment does: it accepts no new requests and finishes those in flight.
   *
   * The last case calls it. `close` is called afterwards.
   */
  readonly shutDown?: (() => Promise<void>) | undefined;
  /** Stops the app at once. */
  close(): Promise<void>;
}

/** One rule that every adapter must follow. */
export interface AdapterCase {
  /** The rule in one sentence. It is the test's name. */
  readonly name: string;
  /** The optional part of the app that the case needs. Without it the case is skipped. */
  readonly needs?: "jsonUrl" | "parsedFirstUrl" | "shutDown";
  /** Resolves when the app follows the rule, and rejects with the difference otherwise. */
  run(app: MountedAdapter): Promise<void>;
}
