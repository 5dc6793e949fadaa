import { Injectable } from "@nestjs/common";
import {
  createReceiver,
  type Receiver,
} from "@popp-webhooks/core";
import { CandidatesService } from "./candidates.service.ts";

/** Holds the receiver, so that handlers can use services. */
@Injectable()
export class PoppWebhooksService {
  readonly receiver: Receiver;

  constructor(candidates: CandidatesService) {
    this.receiver = createReceiver({
      secret: () => process.env.POPP_WEBHOOK_SECRET,
      on: {
        CONVERSATION_COMPLETED: (event) =>
          candidates.complete(event.data.conversationStatus),
        UNRECOGNIZED: (event) =>
          console.log("New to this SDK:", event.name),
      },
    });
  }
}
