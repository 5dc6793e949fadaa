import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import { CandidatesService } from "./candidates.service.ts";
import { PoppWebhooksController } from "./popp-webhooks.controller.ts";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

@Module({
  controllers: [PoppWebhooksController],
  providers: [CandidatesService, PoppWebhooksService],
})
class AppWithControllerModule {}

// `rawBody` keeps the exact bytes beside the parsed body.
const app = await NestFactory.create<NestFastifyApplication>(
  AppWithControllerModule,
  new FastifyAdapter(),
  {
    rawBody: true,
  },
);
app.useBodyParser("application/json", { bodyLimit: 1_048_576 });
app.setGlobalPrefix("api");

const port = Number(process.env.PORT ?? 3000);
await app.listen(port, "0.0.0.0");
console.log(`Listening on http://localhost:${port}`);
