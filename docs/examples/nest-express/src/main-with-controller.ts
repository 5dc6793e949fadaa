import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { CandidatesService } from "./candidates.service.ts";
import { PoppWebhooksController } from "./popp-webhooks.controller.ts";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

@Module({
  controllers: [PoppWebhooksController],
  providers: [CandidatesService, PoppWebhooksService],
})
class AppWithControllerModule {}

// `rawBody` keeps the exact bytes beside the parsed body.
const app = await NestFactory.create<NestExpressApplication>(
  AppWithControllerModule,
  { rawBody: true },
);
app.useBodyParser("json", { limit: "1mb" });
app.setGlobalPrefix("api");

const port = Number(process.env.PORT ?? 3000);
await app.listen(port);
console.log(`Listening on http://localhost:${port}`);
