import { Module } from "@nestjs/common";
import { CandidatesService } from "./candidates.service.ts";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

@Module({ providers: [CandidatesService, PoppWebhooksService] })
export class AppModule {}
