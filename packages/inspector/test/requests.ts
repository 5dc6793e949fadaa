import { signPayload } from "@popp-webhooks/testing";
import { recorder } from "./recorder.ts";
import { type scene, secret } from "./scene.ts";

/** Requests of each kind to a receiver with a recorder: genuine, forged, unsigned, parsed before, and binary. */
export function requestScene({ receiver }: ReturnType<typeof scene>) {
  const { deliver, recordings } = recorder(receiver, secret);
  const bodyOf = (eventId: string) =>
    Buffer.from(
      `{ "event": "CONVERSATION_STARTED", "eventId": "${eventId}", "data": { "recordId": "conv_${eventId.slice(4)}", "email": "jane@example.com" } }`,
    );
  async function send(body: Uint8Array, signature: string | undefined, path?: string): Promise<number> {
    const pairs = [
      ["host", "localhost:4400"],
      ["user-agent", "Popp/1.0"],
      ["content-type", "application/json"],
      ["x-empty", ""],
      ...(signature === undefined ? [] : [["x-signature", signature]]),
      ["accept", "*/*"],
    ] as const;
    return (await deliver(body, pairs as readonly (readonly [string, string])[], path)).status;
  }
  return {
    ...{ recordings, deliver },
    genuine: async (eventId: string) => send(bodyOf(eventId), await signPayload(bodyOf(eventId), secret)),
    forged: async (eventId: string) => send(bodyOf(eventId), await signPayload(bodyOf(eventId), "another secret")),
    unsigned: (eventId: string) => send(bodyOf(eventId), undefined, "/webhooks/popp?tenant=jane@example.com"),
    parsed: async (eventId: string) => {
      const sent = JSON.parse(String(bodyOf(eventId)));
      return send(Buffer.from(JSON.stringify(sent)), await signPayload(JSON.stringify(sent, null, 2), secret));
    },
    binary: async (bytes: Uint8Array) => send(bytes, await signPayload(bytes, secret)),
  };
}
