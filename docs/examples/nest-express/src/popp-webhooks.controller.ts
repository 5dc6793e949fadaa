import type { IncomingMessage, ServerResponse } from "node:http";
import {
  Controller,
  Post,
  type RawBodyRequest,
  Req,
  Res,
} from "@nestjs/common";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

/**
 * Receives deliveries in a controller, behind the app's guards,
 * interceptors and global prefix.
 */
@Controller("webhooks/popp")
export class PoppWebhooksController {
  readonly #webhooks: PoppWebhooksService;

  constructor(webhooks: PoppWebhooksService) {
    this.#webhooks = webhooks;
  }

  @Post()
  async receive(
    @Req() request: RawBodyRequest<IncomingMessage>,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const { method = "", headers, rawBody } = request;
    const answer = await this.#webhooks.receiver.receive({
      method,
      headers,
      body: rawBody,
    });
    response
      .writeHead(answer.status, answer.headers)
      .end(answer.body);
  }
}
