import { toWorker } from "@popp-webhooks/cloudflare";
import { createReceiver } from "@popp-webhooks/core";

export default toWorker((env) =>
  createReceiver({ secret: env.POPP_WEBHOOK_SECRET, on: { DOCUMENT_UPLOADED: () => {} } }),
);
