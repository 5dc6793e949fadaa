import type { ChaosAnswer, ChaosEndpoint } from "./scenario.ts";

/** The most of an answer's body that is read. A receiver's answers are far shorter. */
const MAX_ANSWER_BYTES = 65_536;

const NO_ANSWER: ChaosAnswer = { status: 0, retryAfter: null, body: "" };

/** Sends a request and reads the answer. Never rejects; aborts the request and the reading after `timeoutMs`. */
export async function sendWithin(endpoint: ChaosEndpoint, request: Request, timeoutMs: number): Promise<ChaosAnswer> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  const aborted = new Promise<ChaosAnswer>((resolve) => signal.addEventListener("abort", () => resolve(NO_ANSWER)));
  try {
    return await Promise.race([answerOf(endpoint, new Request(request, { signal }), signal), aborted]);
  } catch {
    return NO_ANSWER;
  } finally {
    clearTimeout(timer);
  }
}

async function answerOf(endpoint: ChaosEndpoint, request: Request, signal: AbortSignal): Promise<ChaosAnswer> {
  const response = await endpoint(request);
  const body = await textOf(response, signal);
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
}

/** Reads at most {@link MAX_ANSWER_BYTES}, then cancels: an endpoint under test may answer without end. */
async function textOf({ body }: Response, signal: AbortSignal): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const cancel = () => reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  if (signal.aborted) await cancel();
  const decoder = new TextDecoder();
  let text = "";
  for (let left = MAX_ANSWER_BYTES; left > 0; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.byteLength;
  }
  // Not awaited: a stream's cancel may never settle.
  void cancel();
  return text;
}
