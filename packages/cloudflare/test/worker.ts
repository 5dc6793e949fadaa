import { toWorker } from "@popp-webhooks/cloudflare";
import { conformanceReceiver } from "@popp-webhooks/testing/conformance";

export default toWorker(() => conformanceReceiver());
