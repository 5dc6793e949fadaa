import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxConfig } from "../inbox-config.ts";

/** Which time to show, and how finely. */
export interface TimelineOptions {
  /** From when on. It is rounded down to a whole bucket. Default: 24 hours ago. */
  readonly since?: Date;
  /** Until when. Default: now. */
  readonly until?: Date;
  /** The length of a bucket, in milliseconds: from a second to 366 days. Default: an hour. */
  readonly bucketMs?: number;
}

/** The events that were accepted within one bucket of time. */
export interface TimelineEntry {
  /** When the bucket begins. */
  readonly at: Date;
  /** How many events were accepted, without rejected bodies. */
  readonly received: number;
  /** How many of them are done now. */
  readonly done: number;
  /** How many of them are dead now. */
  readonly dead: number;
  /** How many times they were delivered again. */
  readonly duplicates: number;
}

/** The most buckets that one timeline has. */
const MAX_BUCKETS = 1_000;

const DAY_MS = 86_400_000;

/** A year: a store may go through all the time that a timeline spans. */
const MAX_BUCKET_MS = 366 * DAY_MS;

const DATE = {
  expected: "a valid Date",
  accepts: (at: unknown) => !Number.isNaN(Number(at)) && typeof Reflect.get(Object(at), "getTime") === "function",
};

/** Counts events by the time at which they were accepted. Every bucket is there, empty ones too. */
export async function timelineOf(config: InboxConfig, options: TimelineOptions): Promise<readonly TimelineEntry[]> {
  checkOptions("inbox.timeline", options, {
    since: DATE,
    until: DATE,
    bucketMs: { min: 1_000, max: MAX_BUCKET_MS, integer: true },
  });
  const { bucketMs = 3_600_000, until } = options;
  // The inbox's clock tells durations, not dates. The store's may be a little ahead of this machine's.
  const untilMs = until?.getTime() ?? Date.now() + 1_000;
  const sinceMs = Math.floor((options.since?.getTime() ?? untilMs - DAY_MS) / bucketMs) * bucketMs;
  const count = Math.max(0, Math.ceil((untilMs - sinceMs) / bucketMs));
  if (count > MAX_BUCKETS)
    throw new WebhookError(
      "CONFIG_INVALID",
      `inbox.timeline: this would be ${count} buckets, and at most ${MAX_BUCKETS} are shown. Give a later \`since\` or a larger \`bucketMs\`.`,
    );
  const buckets = await config.store.timeline({ source: config.source, sinceMs, untilMs, bucketMs });
  const byTime = new Map(buckets.map((bucket) => [bucket.atMs, bucket]));
  return Array.from({ length: count }, (_, at) => {
    const atMs = sinceMs + at * bucketMs;
    const { received = 0, done = 0, dead = 0, duplicates = 0 } = byTime.get(atMs) ?? {};
    return { at: new Date(atMs), received, done, dead, duplicates };
  });
}
