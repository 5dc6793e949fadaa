import { createReceiver, type Reply } from "@popp-webhooks/core";

const receiver = createReceiver({
  secret: () => process.env.POPP_WEBHOOK_SECRET,
  on: {
    CONVERSATION_COMPLETED: (event) => console.log("Conversation completed:", event.data.conversationStatus),
    UNRECOGNIZED: (event) => console.log("New to this SDK:", event.name),
  },
});

/** The part of a function URL's event (payload format 2.0) that a delivery is made of. */
export interface FunctionUrlEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly http: { readonly method: string } };
}

/** Lambda freezes once it has answered: whatever a handler does must be awaited, as the receiver does. */
export async function handler(
  event: FunctionUrlEvent,
  _context: unknown,
): Promise<{ statusCode: number } & Omit<Reply, "status">> {
  const { status, headers, body } = await receiver.receive({
    method: event.requestContext.http.method,
    headers: event.headers,
    body: Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8"),
  });
  return { statusCode: status, headers, body };
}
