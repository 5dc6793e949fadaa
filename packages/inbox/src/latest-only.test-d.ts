import { type EventsOf, events, type PoppEvent, type UnrecognizedEvent } from "@popp-webhooks/core";
import { createInbox, latestOnly } from "./index.ts";
import { memoryStore } from "./stores/memory/index.ts";

const store = memoryStore();

// The function gets Popp's events, outside the options and inside.
const order = latestOnly(({ event, data }) => `${event} ${data.recordId}`);
createInbox({ store, order, on: {} });
createInbox({
  store,
  order: latestOnly((event) => {
    event satisfies PoppEvent;
    return event.event === "CALENDAR_MEETING_UPDATED" ? event.data.recordId : undefined;
  }),
  // The order does not decide which events the inbox has.
  on: { DOCUMENT_UPLOADED: (event) => event.data.recordId, UNRECOGNIZED: (event) => event.issues },
});

// With a catalog, the function says which events it takes.
const catalog = { DOCUMENT_UPLOADED: events.DOCUMENT_UPLOADED };
const documents = latestOnly((event: EventsOf<typeof catalog>) =>
  event.event === "DOCUMENT_UPLOADED" ? event.data.recordId : (event satisfies UnrecognizedEvent).name,
);
createInbox({ store, catalog, order: documents, on: { DOCUMENT_UPLOADED: (event) => event.data.recordId } });

// @ts-expect-error a function that takes only some of the events
createInbox({ store, order: documents, on: {} });
