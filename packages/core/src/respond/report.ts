import type { Outcome } from "../deliver/inbox.ts";
import { Refusal } from "../errors/refusal.ts";
import type { WebhookError, WebhookErrorCode } from "../errors/webhook-error.ts";
import { type AnyEvent, isUnrecognized } from "../events/event.ts";
import { quietly } from "../lib/quietly.ts";

/** How a delivery ended, and the event it carried, as far as that became known. */
export interface DeliveryResult {
  readonly result: Outcome | Refusal;
  readonly event?: AnyEvent | undefined;
}

/** What is known of a delivery when it has been answered; for logs and metrics, so it holds no personal data. */
export interface DeliveryReport {
  /** The event's name on the wire; absent when the delivery was refused before it was known. */
  readonly eventName?: string;
  /** The event's id; absent when the delivery was refused before it was known, or has none. */
  readonly eventId?: string;
  /** The HTTP status of the answer. */
  readonly httpStatus: number;
  /** From the first look at the delivery to its answer, in milliseconds. */
  readonly durationMs: number;
}

/** How a delivery ended: with 200, or refused with a code. */
export type DeliveryOutcome = Outcome | Refused;

/** A delivery that was answered with an error. */
export interface Refused {
  /** Tells it from what was answered with 200. */
  readonly status: "refused";
  /** Why. */
  readonly code: WebhookErrorCode;
}

/** What a receiver's user is told of each delivery. */
export interface DeliveryHooks {
  /** Called once for each delivery that is refused or fails. Errors that it throws are ignored: the answer stands. */
  readonly onError?: (error: WebhookError, report: DeliveryReport) => unknown;
  /** Called once for each delivery, whatever became of it. Errors that it throws are ignored: the answer stands. */
  readonly onDelivery?: (outcome: DeliveryOutcome, report: DeliveryReport) => unknown;
}

/** Tells the user's hooks how a delivery ended. The answer is decided: nothing a hook does can change it. */
export function report(
  { onError, onDelivery }: DeliveryHooks,
  { result, event }: DeliveryResult,
  httpStatus: number,
  durationMs: number,
): void {
  if (onDelivery === undefined && onError === undefined) return;
  const eventName = event !== undefined && isUnrecognized(event) ? event.name : event?.event;
  const summary: DeliveryReport = {
    ...(eventName !== undefined && { eventName }),
    ...(event?.eventId !== undefined && { eventId: event.eventId }),
    httpStatus,
    durationMs,
  };
  if (result instanceof Refusal) quietly(() => onError?.(result.toError(), summary));
  const outcome = result instanceof Refusal ? ({ status: "refused", code: result.code } as const) : result;
  quietly(() => onDelivery?.(outcome, summary));
}
