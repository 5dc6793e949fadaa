import { type InspectorInbox, type InspectorRecord, toInspector } from "@popp-webhooks/inspector";
import { inspectorClient } from "../stores/inspector-client.ts";
import type { EventDetail, ListedEvent, OpenedInbox } from "../stores/opened-inbox.ts";
import { remoteInbox } from "../stores/remote-inbox.ts";
import { storeError } from "../stores/store-error.ts";

/** An inbox whose values are masked: by an inspector in this process, so that there is one rule of what is shown. */
export async function redacted(inbox: OpenedInbox): Promise<OpenedInbox> {
  const { fetch } = toInspector(inspected(inbox), {
    authorize: () => ({ name: "popp-webhooks", can: "read", body: "masked" }),
  });
  const failed = (error: unknown) =>
    storeError("STORE_FAILED", `The events cannot be masked (${String(error)}).`, error);
  return remoteInbox(inspectorClient(new URL("http://localhost/"), new Headers(), fetch, failed));
}

/** What the inspector reads of an inbox. */
function inspected(inbox: OpenedInbox): InspectorInbox {
  return {
    ...(inbox as unknown as InspectorInbox),
    page: async (filter = {}) => {
      const { events, searched, ...page } = await inbox.page(filter);
      return { ...page, records: events.map(recordOf), ...(searched && { searched }) };
    },
    events: async function* () {},
    get: async (key) => {
      const found = await inbox.get(key);
      return found && { ...recordOf(found), ...found };
    },
  };
}

/** A record as far as a list tells it. */
function recordOf(event: ListedEvent & Partial<EventDetail>): InspectorRecord {
  const { receivedAt: at, attempts: number, error } = event;
  const failed = { kind: "attempt", number, at, durationMs: null, outcome: "failed" } as const;
  return {
    ...{ hasBody: false, body: null, headers: {}, hash: "", crashes: 0, conflicts: 0, updatedAt: at, lastSeenAt: at },
    history: error === null ? [] : [{ ...failed, error: { ...error, frame: null } }],
    ...event,
  };
}
