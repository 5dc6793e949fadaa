import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type DurableInbox, type InboxStore, UnrecoverableError } from "@popp-webhooks/inbox";
import { signedRequest } from "@popp-webhooks/testing";

const secret = "the signing secret";

/** The error of the handler of `broken` events: it names a person, and an escape code. */
const FAILURE = "No requisition for jane@example.com\u001b[31m.";

/** The body of a seeded event, with spaces that parsing would lose. */
export function bodyOf(id: string, recordId: string): string {
  const data = `"recordId": "${recordId}", "organizationId": "org_1", "candidateId": "cand_${recordId}"`;
  return `{ "event": "CONVERSATION_COMPLETED", "eventId": "${id}", "eventTimestamp": "2026-01-01T00:00:00Z", "data": { ${data}, "participantFirstName": "Jane\u202e" } }`;
}

/** Delivers events to an inbox of an app: `ok` ones are done, `broken` ones are dead. */
export async function seedInbox<Tx>(
  store: InboxStore<Tx>,
  events: readonly (readonly [id: string, recordId: string])[],
): Promise<DurableInbox> {
  const inbox = createInbox({
    store,
    on: {
      CONVERSATION_COMPLETED: ({ data }) => {
        if (data.recordId === "broken") throw new UnrecoverableError(FAILURE);
      },
    },
    onError: () => {},
  });
  const receiver = createReceiver({ secret, inbox });
  for (const [id, recordId] of events) {
    const { status } = await receiver.fetch(await signedRequest(bodyOf(id, recordId), { secret }));
    if (status !== 200) throw new Error(`The event ${id} was answered with ${status}.`);
    await inbox.sweep();
  }
  return inbox;
}
