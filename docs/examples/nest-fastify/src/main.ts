import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import { toFastifyPlugin } from "@popp-webhooks/fastify";
import { AppModule } from "./app.module.ts";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

const app = await NestFactory.create<NestFastifyApplication>(
  AppModule,
  new FastifyAdapter(),
);
// The plugin keeps the route's body from Nest's parsers.
// The receiver reads the exact bytes.
const fastify = app.getHttpAdapter().getInstance();
await fastify.register(
  toFastifyPlugin(app.get(PoppWebhooksService).receiver),
  { prefix: "/webhooks/popp" },
);

const port = Number(process.env.PORT ?? 3000);
await app.listen(port, "0.0.0.0");
console.log(`Listening on http://localhost:${port}`);
