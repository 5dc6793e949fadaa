/**
 * Handles Popp's webhooks in the workers of pg-boss.
 *
 * @packageDocumentation
 */
import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import { type EventRef, isRetryLaterError, type WakeQueue } from "@popp-webhooks/inbox";
import { INBOX, type Processor, withMethods } from "./processor.ts";

export type { Processor } from "./processor.ts";

/** The options of a pg-boss job. */
export interface PgBossJobOptions {
  /** The maximum retries of a job. Only a failing inbox store uses one, never a failing handler. Default: 10. */
  readonly retryLimit?: number;
  /** The wait before the second attempt, in seconds. Default: 1. */
  readonly retryDelay?: number;
  /** Whether that wait doubles with each attempt. Default: true. */
  readonly retryBackoff?: boolean;
  /** How long pg-boss keeps a finished job, in seconds. Default: one hour. */
  readonly deleteAfterSeconds?: number;
}

/** The options of {@link pgBossQueue}. */
export interface PgBossQueueOptions {
  /** The name of the pg-boss queue. Create it first, with the policy `standard`. Default: `"popp"`. */
  readonly name?: string;
  /** Options of the jobs. */
  readonly job?: PgBossJobOptions;
}

/** The part of `PgBoss` that this package uses. */
export interface PgBossClient {
  /** Adds a job, or updates the waiting job with the same key. */
  upsert(name: string, data: object, options: object): Promise<unknown>;
}

/** The part of pg-boss's `Job` that this package uses. */
export interface PgBossJob {
  /** The data of the job. */
  readonly data: unknown;
}

const DEFAULTS: PgBossJobOptions = { retryLimit: 10, retryDelay: 1, retryBackoff: true, deleteAfterSeconds: 3_600 };

/**
 * Creates the `queue` of an inbox from a pg-boss queue.
 *
 * The `singletonKey` keeps at most one waiting job per event. An `id` would not work: while pg-boss keeps a finished job, it ignores new jobs with
 * the same id and returns only `null`, and later wake-ups of the event would be lost.
 *
 * @param boss - your pg-boss, 12.25 or later, started
 * @param options - the queue's name and the options of the jobs
 * @throws WebhookError `CONFIG_INVALID` from `enqueue` when the queue was never created
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { postgresStore } from "@popp-webhooks/inbox/postgres";
 * import { pgBossQueue } from "@popp-webhooks/queues/pg-boss";
 * import pg from "pg";
 * import { PgBoss } from "pg-boss";
 *
 * const boss = new PgBoss("postgres://localhost/app");
 * await boss.start();
 * await boss.createQueue("popp");
 *
 * const store = postgresStore(new pg.Pool({ connectionString: "postgres://localhost/app" }));
 * const inbox = createInbox({ store, queue: pgBossQueue(boss), on: "elsewhere" });
 * inbox.start();
 * ```
 */
export function pgBossQueue(boss: PgBossClient, options: PgBossQueueOptions = {}): WakeQueue {
  checkOptions("pgBossQueue", { boss: boss ?? null }, { boss: withMethods("a PgBoss of pg-boss 12", "upsert") });
  checkOptions("pgBossQueue", options, { name: "string", job: "object" });
  const { name = "popp", job = {} } = options;
  return {
    enqueue: async (ref, { delayMs } = {}) => {
      // Counted by the database's clock. Without it a waiting job keeps its time; 0 makes it due now, also when it waits for a retry.
      const startAfter = delayMs === undefined ? {} : { startAfter: delayMs / 1_000 };
      await boss.upsert(name, ref, { ...DEFAULTS, ...job, singletonKey: ref.key, ...startAfter }).catch(explain(name));
    },
  };
}

/**
 * Creates the handler for `boss.work`. It handles the events of a batch concurrently.
 *
 * The inbox schedules retries; pg-boss only delays the job. If a handler fails or another process holds the event, a job is added that starts when the inbox says.
 * A job fails only when the inbox's store or Postgres fails. Then the whole batch fails and is delivered again; events that are done are skipped.
 *
 * @param inbox - the inbox whose handlers run
 * @param queue - the inbox's queue, from `pgBossQueue`
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { postgresStore } from "@popp-webhooks/inbox/postgres";
 * import { pgBossQueue, toPgBossHandler } from "@popp-webhooks/queues/pg-boss";
 * import pg from "pg";
 * import { PgBoss } from "pg-boss";
 *
 * const boss = new PgBoss("postgres://localhost/app");
 * await boss.start();
 *
 * const store = postgresStore(new pg.Pool({ connectionString: "postgres://localhost/app" }));
 * const queue = pgBossQueue(boss);
 * const inbox = createInbox({ store, queue, on: { DOCUMENT_UPLOADED: (event) => console.log(event.data.recordId) } });
 * await boss.work("popp", { batchSize: 16, pollingIntervalSeconds: 0.5 }, toPgBossHandler(inbox, queue));
 * ```
 */
export function toPgBossHandler(inbox: Processor, queue: WakeQueue): (jobs: readonly PgBossJob[]) => Promise<void> {
  const rules = { inbox: INBOX, queue: withMethods("the queue that pgBossQueue() returns", "enqueue") };
  checkOptions("toPgBossHandler", { inbox: inbox ?? null, queue: queue ?? null }, rules);

  async function handle({ data }: PgBossJob): Promise<void> {
    try {
      await inbox.process(data);
    } catch (error) {
      if (!isRetryLaterError(error)) throw error;
      // Safe: `process` throws this error only for data that is not a reference.
      await queue.enqueue(data as EventRef, { delayMs: error.delayMs });
    }
  }

  return async (jobs) => {
    const ends = await Promise.allSettled(jobs.map(handle));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
}

/** Adds to pg-boss's error how to create the missing queue. */
function explain(name: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Error && /^Queue .* does not exist$/.test(cause.message))) throw cause;
    const message = `pgBossQueue: pg-boss has no queue ${JSON.stringify(name)}: run \`await boss.createQueue(${JSON.stringify(name)})\` once, at the start or in a migration.`;
    throw new WebhookError("CONFIG_INVALID", message, { cause });
  };
}
