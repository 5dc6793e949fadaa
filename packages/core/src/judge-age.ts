import { Refusal } from "./refusal.ts";

/** Refuses an event that is older than it may be; one without a readable timestamp is not judged. */
export function judgeAge(
  event: { readonly eventTimestamp?: string },
  maxAgeSeconds: number | undefined,
  nowMs: number,
): Refusal | undefined {
  if (maxAgeSeconds === undefined || event.eventTimestamp === undefined) return undefined;
  const ageSeconds = (nowMs - Date.parse(event.eventTimestamp)) / 1000;
  if (!(ageSeconds > maxAgeSeconds)) return undefined;
  return new Refusal(
    "EVENT_STALE",
    `The event is genuine, but older than ${maxAgeSeconds} seconds (the option \`maxAgeSeconds\`).`,
  );
}
