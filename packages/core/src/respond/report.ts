import type { Outcome } from "../deliver/inbox.ts";
import { Refusal } from "../errors/refusal.ts";
import type { WebhookError, WebhookErrorCode } from "../errors/webhook-error.ts";
import { type AnyEvent, isUnrecognized } from "../events/event.ts";
import { quietly } from "../lib/quietly.ts";
import { tellOperator } from "../lib/tell-operator.ts";

/** How a delivery ended, and the event it carried, if that became known. */
export interface DeliveryResult {
  readonly result: Outcome | Refusal;
  readonly event?: AnyEvent | undefined;
  readonly secretIndex?: number | undefined;
}

/**
 * What is known of the event that an error is about, in a receiver as in an inbox.
 *
 * The ids may identify a person: keep a report only where your logs may hold such data.
 */
export interface EventReport {
  /** The event's name on the wire. Absent when the delivery was refused before its name was known. */
  readonly eventName?: string;
  /** The event's id. Absent when it is not known, or the event has none. */
  readonly eventId?: string;
  /** The id of the event's primary resource (`data.recordId`). Absent when it is not known. */
  readonly recordId?: string;
  /** Which attempt it was, counted from 1. Only in an inbox. */
  readonly attempt?: number;
  /** The event's state in the store. Only in an inbox. */
  readonly state?: string;
  /** The inbox's name for where the event comes from (`source`). Only in an inbox. */
  readonly source?: string;
}

/** What is known of a delivery when it has been answered. */
export interface DeliveryReport extends EventReport {
  /** The HTTP status of the answer. */
  readonly httpStatus: number;
  /** From the start of the delivery to its answer, in milliseconds. */
  readonly durationMs: number;
  /** The place of the secret that matched, counted from 0 in the list as given: once all deliveries match the new one, a rotation can be finished. Absent when none matched. */
  readonly secretIndex?: number;
}

/** How a delivery ended: with 200, or refused with a code. */
export type DeliveryOutcome = Outcome | Refused;

/** A delivery that was answered with an error. */
export interface Refused {
  /** Distinguishes it from an {@link Outcome}. */
  readonly status: "refused";
  /** Why it was refused. */
  readonly code: WebhookErrorCode;
}

/** The hooks of a receiver. Errors that they throw are ignored, because the delivery is answered already. */
export interface DeliveryHooks {
  /**
   * Called once for each delivery that is refused or fails. Default: one line on the console, with the code, a sentence and the event's name
   * and id. `console.error` tells what you must mend, at most ten lines a minute for each code; `console.warn` tells what a sender did
   * wrong or must send again, at most one. `() => {}` silences them.
   */
  readonly onError?: (error: WebhookError, report: DeliveryReport) => unknown;
  /** Called once for each delivery, whatever its outcome. */
  readonly onDelivery?: (outcome: DeliveryOutcome, report: DeliveryReport) => unknown;
}

/** Tells the hooks, or by default the console, how a delivery ended. */
export function report(
  { onError, onDelivery, now }: DeliveryHooks & { readonly now: () => number },
  { result, event, secretIndex }: DeliveryResult,
  httpStatus: number,
  startedAtMs: number,
): void {
  const refusal = result instanceof Refusal ? result : undefined;
  if (!onDelivery && !refusal) return;
  const { eventId, data } = event ?? {};
  const eventName = event && isUnrecognized(event) ? event.name : event?.event;
  const { recordId } = Object(data);
  const nowMs = now();
  const summary: DeliveryReport = {
    ...(eventName !== undefined && { eventName }),
    ...(eventId !== undefined && { eventId }),
    ...(typeof recordId === "string" && { recordId }),
    ...(secretIndex !== undefined && { secretIndex }),
    httpStatus,
    durationMs: nowMs - startedAtMs,
  };
  if (refusal && onError) quietly(() => onError(refusal.toError(), summary));
  else if (refusal) {
    const { code, message: sentence, details } = refusal;
    // Load passes, and a 4xx is the sender's: everything else is the operator's to mend.
    const level = httpStatus < 500 || /^(OVERLOADED|DELIVERY_BUSY)$/.test(code) ? "warn" : "error";
    tellOperator({ level, code, sentence, event: summary, cause: details?.cause }, nowMs);
  }
  quietly(() => onDelivery?.(refusal ? { status: "refused", code: refusal.code } : (result as Outcome), summary));
}
