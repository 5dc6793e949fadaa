import { Refusal } from "../errors/refusal.ts";
import { eventTimeMs } from "../events/event-time.ts";

/** Refuses an event that is too old. An event without a readable timestamp passes. */
export function checkAge(
  event: { readonly eventTimestamp?: string | undefined },
  maxAgeSeconds: number | undefined,
  nowMs: number,
): Refusal | undefined {
  if (maxAgeSeconds === undefined) return undefined;
  const ageSeconds = (nowMs - (eventTimeMs(event) ?? nowMs)) / 1000;
  return ageSeconds > maxAgeSeconds
    ? new Refusal("EVENT_STALE", `The event is older than ${maxAgeSeconds} seconds (\`maxAgeSeconds\`).`)
    : undefined;
}
