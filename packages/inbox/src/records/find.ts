import { type Catalog, WebhookError } from "@popp-webhooks/core";
import { eventKeyOf } from "../event/event-key.ts";
import type { InboxConfig } from "../inbox-config.ts";
import { type InboxRecord, recordWithBody } from "./record.ts";

/** Finds one event by its idempotency key. */
export async function findRecord<Events extends Catalog>(
  config: InboxConfig,
  id: string,
): Promise<InboxRecord<Events> | undefined> {
  if (typeof id !== "string")
    throw new WebhookError("CONFIG_INVALID", `inbox.get: \`id\` must be of type string, received ${typeof id}.`);
  const stored = await config.store.get(await eventKeyOf(config.source, id));
  return stored && recordWithBody(config.catalog, stored);
}
