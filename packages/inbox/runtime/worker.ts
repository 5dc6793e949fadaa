import { DurableObject } from "cloudflare:workers";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { durableObjectStore } from "@popp-webhooks/inbox/durable-object";

export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";

/** The user's own Durable Object, for code that runs inside it. */
export class Place extends DurableObject {}

/** A complete endpoint in a Durable Object: receiver, inbox and the user's own tables, woken by its alarm. */
export class Endpoint extends DurableObject {
  readonly #inbox = createInbox({
    store: durableObjectStore(this.ctx.storage),
    retryBaseMs: 1,
    on: {
      UNRECOGNIZED: async ({ eventId, data }, { tx, attempt }) => {
        await tx((storage) => {
          storage.sql.exec("INSERT INTO outcomes (event, attempt) VALUES (?, ?)", eventId, attempt);
          if (attempt === 1 && data.fails === true) throw new Error("the handler fails, as it was told to");
        });
      },
    },
  });
  readonly #receiver = createReceiver({ secret: "a secret", inbox: this.#inbox });

  override async fetch(request: Request): Promise<Response> {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS outcomes (event TEXT, attempt INTEGER)");
    await this.#wakeLater();
    return this.#receiver.fetch(request, this.ctx);
  }

  override async alarm(): Promise<void> {
    await this.#inbox.sweep();
    const { counts } = await this.#inbox.stats();
    if (counts.received + counts.processing + counts.retry > 0) await this.#wakeLater();
  }

  async #wakeLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + 60_000);
  }
}

export default { fetch: async () => new Response("nothing here", { status: 404 }) } satisfies ExportedHandler;
