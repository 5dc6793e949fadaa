import type { InboxConfig } from "../inbox-config.ts";
import type { Pruned } from "../ports/changes.ts";

const HOUR_MS = 3_600_000;

/** How many events one call to the store prunes at most: other calls wait for the store meanwhile. */
const STEP = 200;

/** Deletes bodies and events that are older than the options allow, step by step. */
export async function pruneOld(config: InboxConfig, shouldStop: () => boolean = () => false): Promise<Pruned> {
  const { store, source, keepBodiesMs, keepEventsMs } = config;
  const request = { source, bodiesOlderThanMs: keepBodiesMs, rowsOlderThanMs: keepEventsMs, limit: STEP };
  let [bodies, rows] = [0, 0];
  while (!shouldStop()) {
    const step = await store.prune(request);
    bodies += step.bodies;
    rows += step.rows;
    if (step.bodies < STEP && step.rows < STEP) break;
  }
  return { bodies, rows };
}

/** Prunes within the first minute and then every hour. Returns a function that stops it. */
export function pruneHourly(config: InboxConfig): () => void {
  let isStopped = false;
  // The first delay is random, so that processes started together do not prune at the same time.
  let cancel = config.clock.after(60_000 * config.clock.random(), prune);

  function prune(): void {
    void pruneOld(config, () => isStopped)
      .catch(config.reportError)
      .then(() => {
        if (!isStopped) cancel = config.clock.after(HOUR_MS, prune);
      });
  }

  return () => {
    isStopped = true;
    cancel();
  };
}
