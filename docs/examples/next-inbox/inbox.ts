import { createInbox, keepOne } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";

// One inbox for each process: Next loads this module once for each of its bundles, and again after each change in `next dev`.
export const inbox = keepOne("popp", () =>
  createInbox({
    store: sqliteStore(process.env.POPP_DATABASE ?? "popp.db"),
    on: {
      CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
      UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
    },
  }),
);
