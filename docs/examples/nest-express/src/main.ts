import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { NestExpressApplication } from "@nestjs/platform-express";
import { toExpressHandler } from "@popp-webhooks/express";
import { AppModule } from "./app.module.ts";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

const app =
  await NestFactory.create<NestExpressApplication>(AppModule);
// Nest adds its body parser in `listen`, after this route.
// The receiver reads the exact bytes.
app.use(
  "/webhooks/popp",
  toExpressHandler(app.get(PoppWebhooksService).receiver),
);

const port = Number(process.env.PORT ?? 3000);
await app.listen(port);
console.log(`Listening on http://localhost:${port}`);
