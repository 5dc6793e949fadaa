import type { Layout } from "../project/layout.ts";

/** The handlers: one of an event, and the one for all that the SDK does not know. */
export function handlersFile({ isTypeScript }: Layout): string {
  const type = isTypeScript ? ": Handlers<PoppEvents>" : "";
  const head = isTypeScript ? 'import type { Handlers, PoppEvents } from "@popp-webhooks/core";\n\n' : "";
  const comment = isTypeScript
    ? "/** Called with each genuine event. Add the events you need. */"
    : `/**
 * Called with each genuine event. Add the events you need.
 *
 * @type {import("@popp-webhooks/core").Handlers<import("@popp-webhooks/core").PoppEvents>}
 */`;
  return `${head}${comment}
export const handlers${type} = {
  CONVERSATION_COMPLETED: (event) => {
    console.log("Conversation completed:", event.data.conversationStatus);
  },
  // A genuine event that this version of the SDK does not know.
  UNRECOGNIZED: (event) => {
    console.log("New to this SDK:", event.name);
  },
};
`;
}
