import { createInbox, type DurableInbox, type InboxRecord, type InboxStore } from "@popp-webhooks/inbox";
import type { CliError } from "../command-line/cli-error.ts";
import type { EventDetail, ListedEvent, OpenedInbox } from "./opened-inbox.ts";

/** What an inbox that a command opens itself needs. */
export interface LocalConfig {
  readonly store: InboxStore;
  readonly source: string | undefined;
  readonly retention: Retention | undefined;
  readonly explain: (error: unknown) => CliError;
  readonly say: (text: string) => void;
  /** Closes what the store does not close. */
  readonly close: () => Promise<void>;
}

/** How long events are kept, for `prune`. */
export interface Retention {
  readonly keepBodiesDays: number;
  readonly keepDeadDays: number;
  readonly keepEventsDays: number;
}

/** A command may wait longer than a delivery: the first look at a large store reads from a cold disk. */
const STORE_TIMEOUT_MS = 60_000;

/** An inbox on a store that is open. It handles nothing. */
export function localInbox({ store, source, retention, explain, say, close }: LocalConfig): OpenedInbox {
  const inbox: DurableInbox = createInbox({
    ...{ store, on: "elsewhere", storeTimeoutMs: STORE_TIMEOUT_MS, ...retention },
    ...(source !== undefined && { source }),
    onError: (error) => say(`warning: ${explain(error).message}`),
  });
  const told = <T>(work: Promise<T>) => work.catch((error: unknown) => Promise.reject(explain(error)));
  return {
    page: async (filter) => {
      const { records, searched, ...rest } = await told(inbox.page(filter));
      return { ...rest, searched, events: records.map(listedEvent) };
    },
    get: async (key) => {
      const record = await told(inbox.get(key));
      return record && detailOf(record);
    },
    stats: () => told(inbox.stats()),
    redrive: (which, options) => told(inbox.redrive(which, options)),
    erase: (which, options) => told(inbox.erase(which, options)),
    pause: (name) => told(inbox.pause(name)),
    resume: (name) => told(inbox.resume(name)),
    related: (about) => told(inbox.related(about)),
    timeline: (options) => told(inbox.timeline(options)),
    prune: () => told(inbox.prune()),
    close: async () => {
      await told(inbox.close());
      await close();
    },
  };
}

function listedEvent(record: Omit<InboxRecord, "event">): ListedEvent {
  const { idempotencyKey, id, name, recordId, state, note, attempts, duplicates, receivedAt, dueAt, cursor } = record;
  const failed = record.history.findLast((entry) => entry.kind === "attempt" && entry.error !== undefined);
  const error = failed?.kind === "attempt" ? (failed.error ?? null) : null;
  return { idempotencyKey, id, name, recordId, state, note, attempts, duplicates, receivedAt, dueAt, error, cursor };
}

function detailOf(record: Omit<InboxRecord, "event">): EventDetail {
  const { hash, crashes, conflicts, updatedAt, lastSeenAt, hasBody, body, headers, history } = record;
  const more = { hash, crashes, conflicts, updatedAt, lastSeenAt, hasBody, body, headers, history };
  return { ...listedEvent(record), ...more, isMasked: false };
}
