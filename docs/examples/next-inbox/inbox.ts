import { createInbox, type DurableInbox } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";

const shared: typeof globalThis & { poppInbox?: DurableInbox } = globalThis;

// One inbox for each process: Next loads this module again for each bundle, and after each change in `next dev`.
shared.poppInbox ??= createInbox({
  store: sqliteStore(process.env.POPP_DATABASE ?? "popp.db"),
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

export const inbox: DurableInbox = shared.poppInbox;
