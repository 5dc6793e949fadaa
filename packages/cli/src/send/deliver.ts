import http from "node:http";
import https from "node:https";
import { type Answer, type HeaderPair, sendBytes } from "../http/send-bytes.ts";
import type { BodySource } from "./body-source.ts";
import { signedHeaders } from "./signed.ts";

/** Closes idle connections before a server does: a request on one that is being closed would fail. */
const IDLE_MS = 1_000;

/** Where deliveries go, and how. */
export interface Target {
  readonly url: URL;
  readonly secret: string;
  readonly headers: readonly HeaderPair[];
  readonly timeoutMs: number;
  readonly agent: http.Agent;
}

/** A delivery and its answer. */
export interface Delivered {
  readonly event: string;
  readonly eventId: string | null;
  readonly answer: Answer;
}

/** Keeps connections to a URL. Destroying it ends the requests that are under way. */
export function agentFor(url: URL, maxSockets: number): http.Agent {
  const { Agent } = url.protocol === "https:" ? https : http;
  return new Agent({ keepAlive: true, maxSockets, timeout: IDLE_MS });
}

/** Signs the next body of a source and sends it. */
export async function deliver(source: BodySource, { secret, headers, ...to }: Target): Promise<Delivered> {
  const { bytes, eventId } = source.next();
  const signed = signedHeaders(bytes, secret, headers);
  const answer = await sendBytes({ ...to, method: "POST", headers: signed, body: bytes });
  return { event: source.event, eventId, answer };
}
