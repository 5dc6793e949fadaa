import { Refusal } from "../errors/refusal.ts";
import { isUnrecognized } from "../events/event.ts";
import { swallow } from "../lib/quietly.ts";
import type { Plan } from "../receiver-config.ts";
import type { DeliveryReport } from "../receiver-options.ts";
import type { End } from "./end.ts";

/** Tells the user's hooks how a delivery ended. The answer is decided: nothing a hook does can change it. */
export function report(plan: Plan, { result, event }: End, httpStatus: number, startedAtMs: number): void {
  if (plan.onDelivery === undefined && plan.onError === undefined) return;
  const eventName = event !== undefined && isUnrecognized(event) ? event.name : event?.event;
  const summary: DeliveryReport = {
    ...(eventName !== undefined && { eventName }),
    ...(event?.eventId !== undefined && { eventId: event.eventId }),
    httpStatus,
    durationMs: plan.now() - startedAtMs,
  };
  if (result instanceof Refusal) swallow(() => plan.onError?.(result.toError(), summary));
  const outcome = result instanceof Refusal ? ({ status: "refused", code: result.code } as const) : result;
  swallow(() => plan.onDelivery?.(outcome, summary));
}
