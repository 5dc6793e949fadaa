import type { InboxConfig } from "../inbox-config.ts";

/** Lets the telemetry read the state of the store. Returns a function that ends it. */
export function observeStore({ telemetry, store, source, reportError }: InboxConfig): () => void {
  return telemetry.observe(source, async () => {
    try {
      return await store.stats(source);
    } catch (error) {
      reportError(error);
      return undefined;
    }
  });
}
