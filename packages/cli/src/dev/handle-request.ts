import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks";
import type { Receiver, Reply } from "@popp-webhooks/core";
import type { CliError } from "../command-line/cli-error.ts";
import { type Answer, pairsOf, sendBytes, withoutPassword } from "../http/send-bytes.ts";
import type { ReceivedRequest, Recorder } from "../recordings/recorder.ts";
import { verdictOf } from "./verdict.ts";

/** The most that is kept of a body. The receiver refuses a larger one. */
const MAX_BYTES = 1_048_576;

/** How long the server that a request is forwarded to may take. Popp's own patience is not documented. */
const FORWARD_TIMEOUT_MS = 60_000;

/** A request with all that became of it. */
export interface Handled {
  /** The id of its recording. */
  readonly id: string;
  readonly request: ReceivedRequest;
  /** `dev`, or the address that it was forwarded to. */
  readonly from: string;
  readonly answer: Answer;
}

/** What `dev` needs to handle a request. */
export interface HandlerParts {
  readonly receive: Receiver["receive"];
  readonly secret: string;
  readonly recorder: Recorder;
  /** Where an event is forwarded to; undefined where `dev` answers itself. */
  readonly targetOf: (event: string | null) => URL | undefined;
}

/** Verifies, records and forwards one request of the webhook. The answer is the forwarded server's, or else the receiver's own. */
export async function handleRequest(
  { receive, secret, recorder, targetOf }: HandlerParts,
  incoming: IncomingMessage,
): Promise<Handled> {
  const startedAt = performance.now();
  const receivedAt = new Date().toISOString();
  const { method = "", url: path = "/" } = incoming;
  const headers = pairsOf(incoming.rawHeaders);
  const { body, isCut } = await readBody(incoming);
  const reply = await receive({ method, headers: incoming.headers, body });
  const verdict = await verdictOf({ headers, body, reply, secret });
  const request: ReceivedRequest = { receivedAt, method, path, ...verdict, headers, isCut, body };
  const id = await recorder.request(request);
  const target = isCut ? undefined : targetOf(verdict.event);
  const answer = target
    ? await sendBytes({ url: target, method, headers, body, timeoutMs: FORWARD_TIMEOUT_MS }).catch(badGateway)
    : ownAnswer(reply, performance.now() - startedAt);
  const from = target ? withoutPassword(target) : "dev";
  await recorder.response(id, from, answer);
  return { id, request, from, answer };
}

/** Reads a whole body, and keeps one byte more than the receiver accepts. */
async function readBody(incoming: IncomingMessage): Promise<{ body: Uint8Array; isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (length <= MAX_BYTES) chunks.push(chunk);
    length += chunk.length;
  }
  return { body: new Uint8Array(Buffer.concat(chunks)).subarray(0, MAX_BYTES + 1), isCut: length > MAX_BYTES };
}

function ownAnswer({ status, headers, body }: Reply, durationMs: number): Answer {
  return { status, headers: Object.entries(headers), body: new TextEncoder().encode(body), durationMs };
}

/** The sender is told that the server behind `dev` did not answer, as by any gateway. */
function badGateway({ code, message }: CliError): Answer {
  return {
    status: 502,
    headers: [["content-type", "application/json"]],
    body: new TextEncoder().encode(JSON.stringify({ error: { code, message } })),
    durationMs: 0,
  };
}
