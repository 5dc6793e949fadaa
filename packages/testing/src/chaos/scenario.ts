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
export interface ChaosAnswer {
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The `retry-after` header, or null. */
  readonly retryAfter: string | null;
  /** The body, as text. */
  readonly body: string;
}

/** What a scenario works with. */
export interface ChaosStage {
  /** Where requests go. */
  readonly url: string;
  /** The signing secret that the endpoint is configured with. */
  readonly secret: string;
  /** The event to send, with an id that no other has. */
  readonly freshEvent: () => object;
  /** Sends a request; never rejects. */
  readonly send: (request: Request) => Promise<ChaosAnswer>;
}

/** Something that happens to every endpoint sooner or later. */
export interface ChaosScenario {
  /** Which it is. */
  readonly name: ScenarioName;
  /** What is sent, in a sentence. */
  readonly sent: string;
  /** What an endpoint should answer, in a sentence. */
  readonly expected: string;
  /** What to change in one that does not. */
  readonly advice: string;
  /** Sends it, and gives the answers in the order of the requests. */
  run(stage: ChaosStage): Promise<readonly ChaosAnswer[]>;
  /** Whether the answers are as they should be. */
  holds(answers: readonly ChaosAnswer[]): boolean;
}
