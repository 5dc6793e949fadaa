import { Refusal } from "../errors/refusal.ts";

/** Refuses an event that is older than it may be; one without a readable timestamp is not judged. */
export function checkAge(
  { eventTimestamp = "" }: { readonly eventTimestamp?: string | undefined },
  maxAgeSeconds: number,
  nowMs: number,
): Refusal | undefined {
  if (maxAgeSeconds === Number.POSITIVE_INFINITY) return undefined;
  const ageSeconds = (nowMs - Date.parse(eventTimestamp)) / 1000;
  return ageSeconds > maxAgeSeconds
    ? new Refusal("EVENT_STALE", `The event is older than ${maxAgeSeconds} seconds (\`maxAgeSeconds\`).`)
    : undefined;
}
