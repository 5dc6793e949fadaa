/** A function that answers requests, as a receiver's `fetch` does. */
export type ChaosEndpoint = (request: Request) => Response | Promise<Response>;

/** The names of the scenarios. */
export type ScenarioName =
  | "genuine"
  | "duplicate"
  | "concurrent-duplicates"
  | "out-of-order"
  | "unknown-event"
  | "tampered"
  | "wrong-secret"
  | "unsigned"
  | "huge"
  | "slow-chunks";

/** What came back. */
export interface Answered {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** What a scenario works with. */
export interface Stage {
  readonly url: string;
  readonly secret: string;
  /** The event to send, with an id that no other has. */
  readonly freshEvent: () => object;
  readonly send: (request: Request) => Promise<Answered>;
}

/** Something that happens to every endpoint sooner or later. */
export interface Scenario {
  readonly name: ScenarioName;
  /** What is sent, in a sentence. */
  readonly sent: string;
  /** What an endpoint should answer, in a sentence. */
  readonly expected: string;
  /** What to change in one that does not. */
  readonly advice: string;
  run(stage: Stage): Promise<readonly Answered[]>;
  holds(answers: readonly Answered[]): boolean;
}
