import { fixture } from "../fixtures/fixture.ts";
import type { ChaosAnswer, ChaosEndpoint, ChaosScenario, ScenarioName } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";
import { sendWithin } from "./send.ts";

/** The options of {@link runChaos}. */
export interface RunChaosOptions {
  /** The signing secret that the endpoint is configured with. */
  readonly secret: string;
  /** The scenarios to run. Default: all. */
  readonly only?: readonly ScenarioName[];
  /** Called when a scenario ends, so that a long run can show progress. */
  readonly onResult?: (result: ChaosResult) => void;
  /** The event to send. Each scenario gives it a new id. Default: the fixture of `CONVERSATION_COMPLETED`. */
  readonly event?: object;
  /**
   * How long to wait for each answer, in milliseconds. The request is aborted then. Default: 30 000, longer than a receiver's
   * handler timeout.
   */
  readonly timeoutMs?: number;
}

/** The result of one scenario. */
export interface ChaosResult {
  /** The scenario. */
  readonly scenario: ScenarioName;
  /** What was sent, in a sentence. */
  readonly sent: string;
  /** The answer that an endpoint should give, in a sentence. */
  readonly expected: string;
  /** The statuses of the answers. 0 means that no answer came in time. */
  readonly statuses: readonly number[];
  /** Whether the endpoint answered as expected. */
  readonly passed: boolean;
  /** What to change. Present only when the scenario failed. */
  readonly advice?: string;
  /**
   * The errors in the answers' bodies, each once, as the endpoint gave them: `{ "error": { "code", "message" } }`, as a receiver
   * answers. Present only when the scenario failed and an answer named an error.
   */
  readonly errors?: readonly ChaosError[];
}

/** An error that the endpoint named in its answer. */
export interface ChaosError {
  /** The error code, such as `SIGNATURE_MISMATCH`. */
  readonly code: string;
  /** The endpoint's own sentence about it. */
  readonly message: string;
}

/**
 * Sends your endpoint the deliveries that cause trouble in production, one scenario after another, and checks its answers.
 *
 * @param target - the endpoint's URL, or a function that answers requests, such as a receiver's `fetch`
 * @param options - the endpoint's secret, and the scenarios to run
 *
 * @example
 * ```ts
 * import { runChaos } from "@popp-webhooks/testing";
 *
 * const results = await runChaos("http://localhost:3000/webhooks/popp", { secret: "the signing secret" });
 * export const failed = results.filter(({ passed }) => !passed);
 * ```
 */
export async function runChaos(
  target: string | URL | ChaosEndpoint,
  options: RunChaosOptions,
): Promise<readonly ChaosResult[]> {
  const { secret, only, onResult, event = fixture("CONVERSATION_COMPLETED"), timeoutMs = 30_000 } = options;
  const endpoint = typeof target === "function" ? target : overHttp;
  const send = (request: Request) => sendWithin(endpoint, request, timeoutMs);
  const url = typeof target === "function" ? "http://localhost/webhooks/popp" : String(target);
  const results: ChaosResult[] = [];
  for (const scenario of scenarios.filter(({ name }) => only?.includes(name) ?? true)) {
    const freshEvent = () => ({ ...event, eventId: `chaos_${crypto.randomUUID()}` });
    const answers = await scenario.run({ url, secret, freshEvent, send });
    const result = resultOf(scenario, answers);
    results.push(result);
    onResult?.(result);
  }
  return results;
}

function resultOf(
  { name, sent, expected, passes, advice }: ChaosScenario,
  answers: readonly ChaosAnswer[],
): ChaosResult {
  const result = { scenario: name, sent, expected, statuses: answers.map(({ status }) => status) };
  if (passes(answers)) return { ...result, passed: true };
  const errors = errorsIn(answers);
  return {
    ...result,
    passed: false,
    advice: answers.some(({ status }) => status === 500) ? INTERNAL_ADVICE : advice,
    ...(errors.length > 0 && { errors }),
  };
}

/** Advice for a status that no scenario expects: a handler failed, or the endpoint itself. */
const INTERNAL_ADVICE =
  "The endpoint failed with 500, which can happen with any delivery. Its `onError` or its log has the cause.";

/** The errors that the answers name, each once. An answer of another shape names none. */
function errorsIn(answers: readonly ChaosAnswer[]): readonly ChaosError[] {
  const byText = new Map<string, ChaosError>();
  for (const { status, body } of answers) {
    const error = status === 200 ? undefined : errorOf(body);
    if (error) byText.set(`${error.code} ${error.message}`, error);
  }
  return [...byText.values()];
}

function errorOf(body: string): ChaosError | undefined {
  try {
    const { code, message } = Object(Object(JSON.parse(body)).error);
    return typeof code === "string" && typeof message === "string" ? { code, message } : undefined;
  } catch {
    return undefined;
  }
}

/** Does not follow redirects: a login page behind one would count as a 200. */
function overHttp(request: Request): Promise<Response> {
  return fetch(request, { redirect: "manual" });
}
