import { fixture } from "../fixtures/fixture.ts";
import type { ChaosAnswer, ChaosEndpoint, ChaosScenario, ScenarioName } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

/** What {@link runChaos} needs to know. */
export interface RunChaosOptions {
  /** The signing secret that the endpoint is configured with. */
  readonly secret: string;
  /** The scenarios to run. Default: all. */
  readonly only?: readonly ScenarioName[];
  /** Called as each scenario ends, so that a long run shows progress. */
  readonly onResult?: (result: ChaosResult) => void;
  /** The event that is sent; each scenario gives it an id of its own. Default: the fixture of `CONVERSATION_COMPLETED`. */
  readonly event?: object;
  /** How long to wait for each answer, in milliseconds. Default: 30 000, longer than a receiver gives its handlers. */
  readonly timeoutMs?: number;
}

/** How an endpoint took one scenario. */
export interface ChaosResult {
  /** Which scenario it was. */
  readonly scenario: ScenarioName;
  /** What was sent, in a sentence. */
  readonly sent: string;
  /** What an endpoint should answer, in a sentence. */
  readonly expected: string;
  /** The statuses that came back; 0 where no answer came in time. */
  readonly statuses: readonly number[];
  /** Whether it answered as it should. */
  readonly passed: boolean;
  /** What to change; only when it did not. */
  readonly advice?: string;
}

/**
 * Sends an endpoint of your own what goes wrong in the wild, one scenario after another, and judges its answers.
 *
 * @param target - its URL, or a function that answers requests, such as a receiver's `fetch`
 * @param options - the secret it is configured with, and which scenarios to run
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
  const send = (request: Request) => answered(endpoint, request, timeoutMs);
  const url = typeof target === "function" ? "http://localhost/webhooks/popp" : String(target);
  const results: ChaosResult[] = [];
  for (const scenario of scenarios.filter(({ name }) => only?.includes(name) ?? true)) {
    const freshEvent = () => ({ ...event, eventId: `chaos_${crypto.randomUUID()}` });
    const answers = await scenario.run({ url, secret, freshEvent, send });
    const result = judge(scenario, answers);
    results.push(result);
    onResult?.(result);
  }
  return results;
}

function judge({ name, sent, expected, holds, advice }: ChaosScenario, answers: readonly ChaosAnswer[]): ChaosResult {
  const passed = holds(answers);
  return {
    scenario: name,
    sent,
    expected,
    statuses: answers.map(({ status }) => status),
    passed,
    ...(!passed && { advice: answers.some(({ status }) => status === 500) ? FAILED : advice }),
  };
}

/** Nothing that a scenario knows of: a handler, or the endpoint around it. */
const FAILED =
  "The endpoint failed by itself (500), as it may with any delivery: see what its `onError` or its log says.";

/** A redirect is an answer: followed, a page to log in would pass for a 200. */
function overHttp(request: Request): Promise<Response> {
  return fetch(request, { redirect: "manual" });
}

/** An endpoint that is down, closes the connection or keeps silent has no status. */
async function answered(endpoint: ChaosEndpoint, request: Request, timeoutMs: number): Promise<ChaosAnswer> {
  const none = { status: 0, retryAfter: null, body: "" };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<ChaosAnswer>((resolve) => {
    timer = setTimeout(() => resolve(none), timeoutMs);
  });
  const answer = answerOf(endpoint, request).catch(() => none);
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}

async function answerOf(endpoint: ChaosEndpoint, request: Request): Promise<ChaosAnswer> {
  const response = await endpoint(request);
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: await response.text() };
}
