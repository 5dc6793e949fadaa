import { WebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import { processWide } from "../lib/process-wide.ts";

/**
 * Tells when a second started inbox of this process handles the events of the same place: mostly one that a development server left behind when it
 * loaded the code again.
 *
 * @returns a function to call when this inbox is closed
 */
export function watchForTwin({ store, source, handlers, reportError }: InboxConfig): () => void {
  let leave = () => {};
  let isClosed = false;
  const enter = () => {
    const { place } = store;
    if (isClosed || handlers === undefined || place === undefined) return;
    const started = processWide<number>("started");
    const key = `${source}\0${place}`;
    const others = started.get(key) ?? 0;
    started.set(key, others + 1);
    leave = () => started.set(key, (started.get(key) ?? 1) - 1);
    if (others === 1) reportError(new WebhookError("CONFIG_INVALID", twins(place)));
  };
  // A store knows its place once it is open. That it cannot be opened is told elsewhere.
  store.open().then(enter, () => {});
  return () => {
    isClosed = true;
    leave();
  };
}

function twins(place: string): string {
  return `Two started inboxes of this process handle the events in ${place}. If a development server has loaded the code again, the old one handles events by old code: create the inbox with \`keepOne\`.`;
}
