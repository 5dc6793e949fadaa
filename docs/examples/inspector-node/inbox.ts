import { createReceiver } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import {
  type Access,
  toInspector,
} from "@popp-webhooks/inspector";

const inbox = createInbox({
  store: sqliteStore(process.env.POPP_DATABASE ?? "popp.db"),
  on: {
    CONVERSATION_COMPLETED: (event) =>
      console.log(
        "Conversation completed:",
        event.data.conversationStatus,
      ),
    UNRECOGNIZED: (event) =>
      console.log("New to this SDK:", event.name),
  },
});
inbox.start();

/** Check your own session here. This one knows two tokens. */
function authorize(request: Request): Access | false {
  const token = /(?:^|;\s*)token=([^;]+)/.exec(
    request.headers.get("cookie") ?? "",
  )?.[1];
  if (token === undefined) return false;
  if (token === process.env.ADMIN_TOKEN)
    return { name: "admin", can: "act", body: "reveal" };
  if (token === process.env.READER_TOKEN)
    return { name: "reader", can: "read", body: "masked" };
  return false;
}

export const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  inbox,
});
export const inspector = toInspector(inbox, {
  authorize,
  onAccess: ({ name, action, target, count }) =>
    console.log("Inspector:", name, action, target, count),
});
