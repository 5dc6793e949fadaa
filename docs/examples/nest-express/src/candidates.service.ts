import { Injectable } from "@nestjs/common";
import type { ConversationStatus } from "@popp-webhooks/core";

/** A service of your own, such as one that writes to your database. */
@Injectable()
export class CandidatesService {
  complete(status: ConversationStatus | null | undefined): void {
    console.log("Conversation completed:", status);
  }
}
