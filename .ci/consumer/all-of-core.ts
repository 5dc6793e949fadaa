import {
  assumeVerified,
  createReceiver,
  events,
  isWebhookError,
  type PoppEvent,
  type PoppEventName,
  type PoppEventOf,
  parseEvent,
  type Receiver,
  verifySignature,
  WebhookError,
} from "@popp-webhooks/core";
import { explainMismatch } from "@popp-webhooks/core/diagnose";

export async function receive(request: Request, secret: string): Promise<string> {
  try {
    const event: PoppEvent = parseEvent(await verifySignature(request, { secret }));
    switch (event.event) {
      case "CONVERSATION_COMPLETED":
        return `${event.data.conversationStatus} ${event.data.screeningQuestionsOutcome?.[0]?.questionOutcome}`;
      case "CALENDAR_MEETING_SCHEDULED":
        return event.data.meetingDetails?.title ?? "";
      case "UNRECOGNIZED":
        return `${event.name} ${event.reason} ${event.issues.map((issue) => issue.path)}`;
      default:
        return event.data.recordId;
    }
  } catch (error) {
    if (isWebhookError(error, "SIGNATURE_MISMATCH")) return error.message;
    throw new WebhookError("INTERNAL", "no", { cause: error });
  }
}

export const receiver: Receiver = createReceiver({
  secret: async () => ["old", "new"],
  on: {
    CONVERSATION_COMPLETED: async (event, { signal }) => {
      await fetch(`https://ats.example/${event.data.recordId}`, { signal });
    },
    WORKFLOW_RUN_FAILED: (event: PoppEventOf<"WORKFLOW_RUN_FAILED">) => event.data.workflowId,
    UNRECOGNIZED: (event) => event.name,
  },
  onError: (error, report) => `${error.code} ${report.httpStatus}`,
  onDelivery: (outcome) => outcome.status,
});

export const names: PoppEventName[] = ["DOCUMENT_UPLOADED"];
export const extended = parseEvent(assumeVerified("{}"), {
  catalog: { ...events, OFFER_SENT: events.DOCUMENT_UPLOADED },
});
export const explain = explainMismatch;
