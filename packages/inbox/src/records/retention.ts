import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import type { Pruned } from "../ports/changes.ts";

const HOUR_MS = 3_600_000;

/** How many events one call to the store prunes at most: other calls wait for the store meanwhile. */
const STEP = 200;

/** Deletes bodies and events that are older than the options allow, step by step. */
export async function pruneOld(config: InboxConfig, shouldStop: () => boolean = () => false): Promise<Pruned> {
  const { store, source, keepBodiesMs, keepDeadMs, keepEventsMs } = config;
  const ages = { bodiesOlderThanMs: keepBodiesMs, deadOlderThanMs: keepDeadMs, rowsOlderThanMs: keepEventsMs };
  const pruned = { bodies: 0, dead: 0, rows: 0 };
  while (!shouldStop()) {
    const step = await store.prune({ source, ...ages, limit: STEP });
    pruned.bodies += step.bodies;
    pruned.dead += step.dead;
    pruned.rows += step.rows;
    if (step.bodies < STEP && step.rows < STEP) break;
  }
  if (pruned.dead > 0) config.reportError(new WebhookError("HANDLER_FAILED", prunedWhileDead(pruned.dead)));
  return pruned;
}

function prunedWhileDead(dead: number): string {
  return `${dead} dead event${dead === 1 ? " was" : "s were"} older than \`keepDeadDays\` and lost the body: it cannot be redriven any more.`;
}

/** Prunes within the first minute and then every hour. Returns a function that stops it. */
export function pruneHourly(config: InboxConfig): () => void {
  let isStopped = false;
  // The first delay is random, so that processes started together do not prune at the same time.
  let cancel = config.clock.after(60_000 * config.clock.random(), prune);

  function prune(): void {
    void pruneOld(config, () => isStopped)
      .catch((error) => {
        // A closed store is no failure of a step that was still at work.
        if (!isStopped) config.reportError(error);
      })
      .then(() => {
        if (!isStopped) cancel = config.clock.after(HOUR_MS, prune);
      });
  }

  return () => {
    isStopped = true;
    cancel();
  };
}
