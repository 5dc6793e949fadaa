import { Injectable } from "@nestjs/common";
import type { ConversationStatus } from "@popp-webhooks/core";

/** A service of yours, such as one that writes to a database. */
@Injectable()
export class CandidatesService {
  complete(status: ConversationStatus | null | undefined): void {
    console.log("Conversation completed:", status);
  }
}
