import { createHmac } from "node:crypto";
import { eventNames, fixture } from "@popp-webhooks/testing";

export const SECRET = "a-signing-secret-of-forty-characters-long";

/** A body and its signature. */
export interface Signed {
  readonly body: Buffer;
  readonly signature: string;
}

export function sign(body: string | Buffer, secret: string = SECRET): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** A delivery of each event's fixture: 300 to 900 bytes. */
export const oneOfEach: readonly Signed[] = eventNames.map((name) => signed(JSON.stringify(fixture(name))));

/** Creates deliveries of about this size. */
export function ofSize(bytes: number): readonly Signed[] {
  return eventNames.map((name, at) => {
    const event = {
      event: "ANALYSIS_CREATED",
      eventId: `evt_${at}`,
      eventTimestamp: "2026-11-23T10:15:00.000Z",
      data: { recordId: name, organizationId: "org", note: "" },
    };
    const room = Math.max(0, bytes - JSON.stringify(event).length);
    return signed(JSON.stringify({ ...event, data: { ...event.data, note: "x".repeat(room) } }));
  });
}

function signed(text: string): Signed {
  const body = Buffer.from(text);
  return { body, signature: sign(body) };
}
