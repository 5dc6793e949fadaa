import type { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
import type { Endpoint, Place } from "./worker.ts";

declare global {
  namespace Cloudflare {
    /** What the Workers under test are bound to. */
    interface Env {
      readonly DB: D1Database;
      readonly POPP_INBOX: DurableObjectNamespace<PoppInboxObject>;
      readonly ENDPOINT: DurableObjectNamespace<Endpoint>;
      readonly PLACE: DurableObjectNamespace<Place>;
      /** Which store the inbox has. */
      readonly STORE: "d1" | "durable-object";
      /** How long the first opening of the store takes, in milliseconds. */
      readonly SLOW_OPEN_MS?: number;
    }
  }
}
