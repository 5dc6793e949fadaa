import type { IncomingHttpHeaders } from "node:http";
import {
  Controller,
  Post,
  type RawBodyRequest,
  Req,
  Res,
} from "@nestjs/common";
import { PoppWebhooksService } from "./popp-webhooks.service.ts";

/** The part of a `FastifyRequest` that the controller uses. */
interface Request {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/** The part of a `FastifyReply` that the controller uses. */
interface Reply {
  status(code: number): Reply;
  headers(values: object): Reply;
  send(body: string): Reply;
}

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
    @Req() request: RawBodyRequest<Request>,
    @Res() reply: Reply,
  ): Promise<void> {
    const { method, headers, rawBody } = request;
    const answer = await this.#webhooks.receiver.receive({
      method,
      headers,
      body: rawBody,
    });
    reply
      .status(answer.status)
      .headers(answer.headers)
      .send(answer.body);
  }
}
