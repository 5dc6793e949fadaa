import { events } from "@popp-webhooks/core";
import { createInbox } from "./index.ts";
import { memoryStore } from "./stores/memory/index.ts";

const store = memoryStore();

// The numbers do not decide which events the inbox has.
createInbox({ store, concurrency: { DOCUMENT_UPLOADED: 2 }, on: { ANALYSIS_CREATED: (event) => event.data.recordId } });

const catalog = { DOCUMENT_UPLOADED: events.DOCUMENT_UPLOADED };
createInbox({ store, catalog, concurrency: { default: 3, DOCUMENT_UPLOADED: 2 }, on: {} });

// @ts-expect-error an event that the catalog does not have
createInbox({ store, catalog, concurrency: { ANALYSIS_CREATED: 2 }, on: {} });

// @ts-expect-error no event has this name
createInbox({ store, concurrency: { UNRECOGNIZED: 2 }, on: {} });
