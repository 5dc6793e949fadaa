import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { wait } from "./patience.ts";

export const SECRET = "the secret of the faults";

/** A signed event: its body, its signature and its id. */
export interface SignedEvent {
  readonly id: string;
  readonly body: string;
  readonly signature: string;
}

/** Signs an event; `behavior` says what its handler does, and `padding` makes its body longer by so many bytes. */
export function signedEvent(id: string, behavior?: string, padding = 0): SignedEvent {
  const data = { recordId: id, organizationId: "org_1", ...(behavior !== undefined && { externalId: behavior }) };
  const body = JSON.stringify({
    event: "CONVERSATION_STARTED",
    eventId: id,
    eventTimestamp: new Date().toISOString(),
    data: { ...data, ...(padding > 0 && { padding: "x".repeat(padding) }) },
  });
  return { id, body, signature: createHmac("sha256", SECRET).update(body).digest("hex") };
}

/** An agent with keep-alive connections, as a sender has. */
export function agentOf(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** The answer to a delivery. */
export interface Answer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly tookMs: number;
}

/** Delivers an event once. */
export function answerTo(agent: Agent, port: number, { body, signature }: SignedEvent): Promise<Answer> {
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, retryAfter?: string) =>
      resolve({ status, retryAfter, tookMs: performance.now() - startedAtMs });
    const headers = { "x-signature": signature, "content-length": Buffer.byteLength(body) };
    const sending = request({ agent, port, host: "127.0.0.1", method: "POST", headers }, (response) => {
      response.on("error", () => {}).resume();
      end(response.statusCode ?? 0, response.headers["retry-after"]);
    });
    sending.on("error", () => end(0));
    sending.end(body);
  });
}

/** Delivers an event once and returns the status, or 0 when there was no answer. */
export async function deliver(agent: Agent, port: number, event: SignedEvent): Promise<number> {
  return (await answerTo(agent, port, event)).status;
}

/** Delivers events at a steady rate, without waiting for answers, and returns all answers. */
export async function deliverSteadily(
  agent: Agent,
  port: number,
  { events, perSecond }: { readonly events: readonly SignedEvent[]; readonly perSecond: number },
): Promise<readonly Answer[]> {
  const startedAtMs = performance.now();
  const answers: Promise<Answer>[] = [];
  for (const [index, event] of events.entries()) {
    const waitMs = startedAtMs + (index * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await wait(waitMs);
    answers.push(answerTo(agent, port, event));
  }
  return Promise.all(answers);
}
