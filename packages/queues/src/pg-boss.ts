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

/** How pg-boss treats a job. */
export interface PgBossJobOptions {
  /** How often a job may fail beyond the first time; only the inbox's store makes it fail, never a handler. Default: 10. */
  readonly retryLimit?: number;
  /** How long pg-boss waits before the second attempt, in seconds. Default: 1. */
  readonly retryDelay?: number;
  /** Whether that wait doubles with each attempt. Default: true. */
  readonly retryBackoff?: boolean;
  /** How long a finished job stays to be looked at, in seconds. Default: an hour. */
  readonly deleteAfterSeconds?: number;
}

/** The options of {@link pgBossQueue}. */
export interface PgBossQueueOptions {
  /** The queue of pg-boss; it must have been created, with the policy `standard`. Default: `"popp"`. */
  readonly name?: string;
  /** How pg-boss treats the jobs. */
  readonly job?: PgBossJobOptions;
}

/** What is used of `PgBoss`. */
export interface PgBossClient {
  /** Adds a job, or changes the one with the same key that nobody has fetched. */
  upsert(name: string, data: object, options: object): Promise<unknown>;
}

/** What is used of pg-boss's `Job`. */
export interface PgBossJob {
  /** What the job carries. */
  readonly data: unknown;
}

const DEFAULTS: PgBossJobOptions = { retryLimit: 10, retryDelay: 1, retryBackoff: true, deleteAfterSeconds: 3_600 };

/**
 * Puts events into a queue of pg-boss: the `queue` of an inbox.
 *
 * One job waits for an event, however often it is put into the queue, by its `singletonKey`. Not by an `id`: a job of the same id that has finished and is still kept
 * would swallow every later wake-up of its event, and `send` says so only with `null`.
 *
 * @param boss - your pg-boss, 12.25 or later, started
 * @param options - which queue, and how pg-boss treats the jobs
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
      // By the database's clock. Left out, a waiting job stays where it is; 0 brings it forward, also from a retry.
      const startAfter = delayMs === undefined ? {} : { startAfter: delayMs / 1_000 };
      await boss.upsert(name, ref, { ...DEFAULTS, ...job, singletonKey: ref.key, ...startAfter }).catch(explain(name));
    },
  };
}

/**
 * Makes the function that `boss.work` calls with each batch: it handles the jobs' events, all at once.
 *
 * The inbox's timetable becomes pg-boss's: for a handler that failed, or an event that another process has in hand, a job is added that
 * starts when the inbox says. A job fails only when the inbox's store does, or Postgres; the rest of its batch fails with it, and is
 * skipped when it comes again.
 *
 * @param inbox - the inbox whose handlers run
 * @param queue - the queue that the jobs come from
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
      // The join: nothing but a reference makes `process` throw it.
      await queue.enqueue(data as EventRef, { delayMs: error.delayMs });
    }
  }

  return async (jobs) => {
    const ends = await Promise.allSettled(jobs.map(handle));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
}

/** Says what is missing where pg-boss only says that it is. */
function explain(name: string): (cause: unknown) => never {
  return (cause) => {
    if (!(cause instanceof Error && /^Queue .* does not exist$/.test(cause.message))) throw cause;
    const message = `pgBossQueue: pg-boss has no queue ${JSON.stringify(name)}: run \`await boss.createQueue(${JSON.stringify(name)})\` once, at the start or in a migration.`;
    throw new WebhookError("CONFIG_INVALID", message, { cause });
  };
}
