/** A function that answers requests, such as a receiver's `fetch`. It is given a request whose `signal` is aborted at the timeout. */
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

/** An endpoint's answer. */
export interface ChaosAnswer {
  /** The HTTP status; 0 means that no answer came in time. */
  readonly status: number;
  /** The `retry-after` header, or null. */
  readonly retryAfter: string | null;
  /** The body as text; at most its first 64 KiB. */
  readonly body: string;
}

/** What `runChaos` gives a scenario. */
export interface ChaosContext {
  /** The URL of the endpoint. */
  readonly url: string;
  /** The signing secret that the endpoint is configured with. */
  readonly secret: string;
  /** Creates the event to send, with a new id each time. */
  readonly freshEvent: () => object;
  /** Sends a request. Never rejects. */
  readonly send: (request: Request) => Promise<ChaosAnswer>;
}

/** One kind of trouble that every endpoint meets sooner or later. */
export interface ChaosScenario {
  /** The name, which selects it in `only`. */
  readonly name: ScenarioName;
  /** What is sent, in a sentence. */
  readonly sent: string;
  /** The answer that an endpoint should give, in a sentence. */
  readonly expected: string;
  /** What to change in an endpoint that answers otherwise. */
  readonly advice: string;
  /** Sends the requests and returns the answers in the same order. */
  run(context: ChaosContext): Promise<readonly ChaosAnswer[]>;
  /** Whether the answers are as expected. */
  passes(answers: readonly ChaosAnswer[]): boolean;
}
