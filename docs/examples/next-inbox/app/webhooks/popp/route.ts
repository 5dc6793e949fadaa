import { createReceiver } from "@popp-webhooks/core";
import { toNextRoute } from "@popp-webhooks/next";
import { inbox } from "../../../inbox";

const receiver = createReceiver({ secret: () => process.env.POPP_WEBHOOK_SECRET, inbox });

export const { POST } = toNextRoute(receiver);
