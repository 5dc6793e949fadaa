/**
 * Handles Popp's webhooks in the workers of BullMQ.
 *
 * @packageDocumentation
 */
import { checkOptions } from "@popp-webhooks/core/internal";
import { type EventRef, isRetryLaterError, type Processed, type WakeQueue } from "@popp-webhooks/inbox";
import { INBOX, type Processor, withMethods } from "./processor.ts";

export type { Processor } from "./processor.ts";

/** BullMQ's `JobsOptions`, without those that this package sets. */
export interface BullmqJobOptions {
  /** The maximum attempts of a job. Only a failing inbox store uses one, never a failing handler. Default: 10. */
  readonly attempts?: number;
  /** The wait between attempts. Default: 1 s, doubled each time, shortened at random by up to half. */
  readonly backoff?: BullmqBackoff;
  /** How many finished jobs BullMQ keeps. Default: those of the last hour, at most 1,000. */
  readonly removeOnComplete?: boolean | BullmqKeptJobs;
  /** How many failed jobs BullMQ keeps. Default: those of the last week, at most 1,000. */
  readonly removeOnFail?: boolean | BullmqKeptJobs;
}

/** The wait between the attempts of a job. */
export interface BullmqBackoff {
  /** Whether the wait doubles each time. */
  readonly type: "exponential" | "fixed";
  /** The first wait, in milliseconds. */
  readonly delay: number;
  /** The share of the wait that may be cut at random, from 0 to 1. */
  readonly jitter?: number;
}

/** How many finished or failed jobs BullMQ keeps. */
export interface BullmqKeptJobs {
  /** The maximum age, in seconds. */
  readonly age: number;
  /** The maximum number. */
  readonly count?: number;
}

/** The options of {@link bullmqQueue}. */
export interface BullmqQueueOptions {
  /** The name of the jobs. Default: `"popp-event"`. */
  readonly jobName?: string;
  /** Options of the jobs. */
  readonly job?: BullmqJobOptions;
}

/** The part of BullMQ's `Queue` that this package uses. */
export interface BullmqQueue {
  /** Adds a job. */
  add(name: string, data: EventRef, options: object): Promise<unknown>;
}

/** The part of BullMQ's `Job` that this package uses. */
export interface BullmqJob {
  /** The data of the job. */
  readonly data: unknown;
  /** Delays the job that is being processed. */
  moveToDelayed(timestampMs: number, token?: string): Promise<void>;
}

const DEFAULTS: BullmqJobOptions = {
  attempts: 10,
  backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 604_800, count: 1_000 },
};

/**
 * Creates the `queue` of an inbox from a BullMQ queue.
 *
 * BullMQ's `deduplication` keeps at most one waiting job per event. A `jobId` would not work: while BullMQ keeps a finished job, it ignores new
 * jobs with the same id, and later wake-ups of the event would be lost. `delayMs: 0` replaces a delayed job by one that runs at once.
 *
 * @param queue - your BullMQ queue, 5.59 or later; set `enableOfflineQueue: false` on its connection, so that an unreachable Redis fails at once
 * @param options - the name and the options of the jobs
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 * import { bullmqQueue } from "@popp-webhooks/queues/bullmq";
 * import { Queue } from "bullmq";
 *
 * const queue = new Queue("popp", { connection: { host: "127.0.0.1", enableOfflineQueue: false } });
 * const inbox = createInbox({ store: sqliteStore("popp.db"), queue: bullmqQueue(queue), on: "elsewhere" });
 * inbox.start();
 * ```
 */
export function bullmqQueue(queue: BullmqQueue, options: BullmqQueueOptions = {}): WakeQueue {
  checkOptions("bullmqQueue", { queue: queue ?? null }, { queue: withMethods("a Queue of BullMQ", "add") });
  checkOptions("bullmqQueue", options, { jobName: "string", job: "object" });
  const { jobName = "popp-event", job = {} } = options;
  return {
    enqueue: async (ref, { delayMs } = {}) => {
      // BullMQ refuses ids that consist of digits; the prefix avoids that. `replace` replaces only a delayed job.
      const deduplication = { id: `e-${ref.key}`, replace: delayMs === 0 };
      await queue.add(jobName, ref, { ...DEFAULTS, ...job, delay: delayMs ?? 0, deduplication });
    },
  };
}

/**
 * Creates the processor of a BullMQ `Worker`. It handles the event of each job.
 *
 * The inbox schedules retries; BullMQ only delays the job. If a handler fails or another process holds the event, the job is delayed as the inbox
 * says and uses none of its attempts. A job fails only when the inbox's store fails.
 *
 * @param inbox - the inbox whose handlers run
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 * import { toBullmqProcessor } from "@popp-webhooks/queues/bullmq";
 * import { Worker } from "bullmq";
 *
 * const on = { DOCUMENT_UPLOADED: (event: { data: { recordId: string } }) => console.log(event.data.recordId) };
 * const inbox = createInbox({ store: sqliteStore("popp.db"), on });
 * const worker = new Worker("popp", toBullmqProcessor(inbox), { connection: { host: "127.0.0.1" }, concurrency: 16 });
 * worker.on("error", console.error);
 * ```
 */
export function toBullmqProcessor(inbox: Processor): (job: BullmqJob, token?: string) => Promise<Processed> {
  checkOptions("toBullmqProcessor", { inbox: inbox ?? null }, { inbox: INBOX });
  return async (job, token) => {
    try {
      return await inbox.process(job.data);
    } catch (error) {
      if (!isRetryLaterError(error)) throw error;
      await job.moveToDelayed(Date.now() + error.delayMs, token);
      throw new DelayedError();
    }
  };
}

/** Tells BullMQ that the job was delayed. BullMQ checks the error's name, so no import is needed. */
class DelayedError extends Error {
  override readonly name = "DelayedError";
}
