/**
 * Handles Popp's webhooks in the workers of BullMQ.
 *
 * @packageDocumentation
 */
import { checkOptions } from "@popp-webhooks/core/internal";
import { type EventRef, isRetryLaterError, type Processed, type WakeQueue } from "@popp-webhooks/inbox";
import { INBOX, type Processor, withMethods } from "./processor.ts";

export type { Processor } from "./processor.ts";

/** How BullMQ treats a job; its `JobsOptions`, without what this package decides. */
export interface BullmqJobOptions {
  /** How often a job may fail; only the inbox's store makes it fail, never a handler. Default: 10. */
  readonly attempts?: number;
  /** How long BullMQ waits between those. Default: 1 s, doubled each time, up to half of it left out at random. */
  readonly backoff?: BullmqBackoff;
  /** Which finished jobs stay to be looked at. Default: those of an hour, 1 000 at most. */
  readonly removeOnComplete?: boolean | BullmqKeptJobs;
  /** Which failed jobs stay to be looked at. Default: those of a week, 1 000 at most. */
  readonly removeOnFail?: boolean | BullmqKeptJobs;
}

/** How long BullMQ waits between the attempts of a job. */
export interface BullmqBackoff {
  /** Whether the wait doubles each time. */
  readonly type: "exponential" | "fixed";
  /** The first wait, in milliseconds. */
  readonly delay: number;
  /** Which share of it may be left out at random, from 0 to 1. */
  readonly jitter?: number;
}

/** Which jobs BullMQ keeps when they are over. */
export interface BullmqKeptJobs {
  /** How long, in seconds. */
  readonly age: number;
  /** How many at most. */
  readonly count?: number;
}

/** The options of {@link bullmqQueue}. */
export interface BullmqQueueOptions {
  /** What the jobs are called. Default: `"popp-event"`. */
  readonly jobName?: string;
  /** How BullMQ treats them. */
  readonly job?: BullmqJobOptions;
}

/** What is used of BullMQ's `Queue`. */
export interface BullmqQueue {
  /** Adds a job. */
  add(name: string, data: EventRef, options: object): Promise<unknown>;
}

/** What is used of BullMQ's `Job`. */
export interface BullmqJob {
  /** What the job carries. */
  readonly data: unknown;
  /** Puts the job that is being processed off. */
  moveToDelayed(timestampMs: number, token?: string): Promise<void>;
}

const DEFAULTS: BullmqJobOptions = {
  attempts: 10,
  backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 604_800, count: 1_000 },
};

/**
 * Puts events into a queue of BullMQ: the `queue` of an inbox.
 *
 * One job waits for an event, however often it is put into the queue, by BullMQ's `deduplication`. Not by a `jobId`: a job of the same id that has finished and is
 * still kept would swallow every later wake-up of its event. With `delayMs: 0` a delayed job is replaced by one that runs at once.
 *
 * @param queue - your BullMQ queue, 5.59 or later; give it a connection with `enableOfflineQueue: false`, so that a dead Redis is an error at once
 * @param options - how BullMQ treats the jobs
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
      // A prefix, because BullMQ refuses ids of digits. `replace` replaces a delayed job, and no other.
      const deduplication = { id: `e-${ref.key}`, replace: delayMs === 0 };
      await queue.add(jobName, ref, { ...DEFAULTS, ...job, delay: delayMs ?? 0, deduplication });
    },
  };
}

/**
 * Makes the function that a BullMQ `Worker` runs for each job: it handles the job's event.
 *
 * The inbox's timetable becomes BullMQ's: a job whose handler failed, or whose event another process has in hand, is put off for as
 * long as the inbox says, which uses up none of the job's attempts. A job fails only when the inbox's store does.
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

/** What tells BullMQ that a job has been put off. It goes by the name, so that nothing is imported for it. */
class DelayedError extends Error {
  override readonly name = "DelayedError";
}
