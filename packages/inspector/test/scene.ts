import { createReceiver, type Receiver } from "@popp-webhooks/core";
import { createInbox, type DurableInbox, UnrecoverableError } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { signedRequest } from "@popp-webhooks/testing";

export const secret = "the signing secret";

/** An inbox whose handlers do as the event's record id says, and a sender. */
export function scene(maxBytes = 1_048_576): {
  readonly inbox: DurableInbox;
  readonly receiver: Receiver;
  readonly send: (event: string, eventId: string, recordId?: string, data?: object) => Promise<number>;
  readonly sendRaw: (body: string) => Promise<number>;
  readonly mend: () => void;
} {
  let isMended = false;
  const act = (recordId: unknown) => {
    if (isMended) return;
    if (String(recordId).startsWith("<")) throw new TypeError(String(recordId));
    if (recordId === "flaky") throw new TypeError("The CRM of jane@example.com is away.");
    if (recordId === "broken") throw new UnrecoverableError("No requisition 4711 for jane@example.com.");
  };
  const inbox = createInbox({
    store: memoryStore(),
    on: {
      CONVERSATION_STARTED: ({ data }) => act(data.recordId),
      CONVERSATION_COMPLETED: ({ data }) => act(data.recordId),
      UNRECOGNIZED: ({ data }) => act(Object(data).recordId),
    },
    pollMs: 10,
    maxAttempts: 2,
    retryBaseMs: 1,
    retryMaxMs: 2,
    onError: () => {},
  });
  const receiver = createReceiver({ secret, maxBytes, inbox, onError: () => {} });
  inbox.start();
  const sendRaw = async (body: string) => (await receiver.fetch(await signedRequest(body, { secret }))).status;
  const send = (event: string, eventId: string, recordId = "rec_1", data: object = {}) =>
    sendRaw(
      JSON.stringify({
        ...{ event, eventId, eventTimestamp: new Date().toISOString() },
        data: { recordId, organizationId: "org_1", email: "jane@example.com", ...data },
      }),
    );
  return {
    ...{ inbox, receiver, send, sendRaw },
    mend: () => {
      isMended = true;
    },
  };
}
