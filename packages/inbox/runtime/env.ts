import type { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
import type { Endpoint, Place } from "./worker.ts";

declare global {
  namespace Cloudflare {
    /** The bindings of the Workers under test. */
    interface Env {
      readonly DB: D1Database;
      readonly POPP_INBOX: DurableObjectNamespace<PoppInboxObject>;
      readonly ENDPOINT: DurableObjectNamespace<Endpoint>;
      readonly PLACE: DurableObjectNamespace<Place>;
      /** The store of the inbox. */
      readonly STORE: "d1" | "durable-object";
      /** How long the store takes to open for the first time, in milliseconds. */
      readonly SLOW_OPEN_MS?: number;
    }
  }
}
