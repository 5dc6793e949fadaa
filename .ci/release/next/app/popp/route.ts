import { createReceiver } from "@popp-webhooks/core";
import { toNextRoute } from "@popp-webhooks/next";

const receiver = createReceiver({ secret: () => process.env.POPP_WEBHOOK_SECRET, on: { DOCUMENT_UPLOADED: () => {} } });

export const { POST } = toNextRoute(receiver);
