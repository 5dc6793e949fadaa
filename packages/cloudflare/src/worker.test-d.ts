import type { ExportedHandler } from "@cloudflare/workers-types";
import { createReceiver } from "@popp-webhooks/core";
import { toWorker } from "./index.ts";

interface Env {
  readonly POPP_WEBHOOK_SECRET: string;
  readonly KV: KVNamespace;
}

const worker = toWorker((env: Env) => createReceiver({ secret: env.POPP_WEBHOOK_SECRET, on: {} }));

// It is what a Worker exports, alone and beside handlers of one's own.
worker satisfies ExportedHandler<Env>;
({ ...worker, scheduled: async (_controller, env) => env.KV.delete("key") }) satisfies ExportedHandler<Env>;

// Another Worker's fetch may hand over to it.
({
  fetch: (request, env, ctx) => worker.fetch(request, env, ctx),
}) satisfies ExportedHandler<Env>;

// @ts-expect-error there is no such secret
toWorker((env: Env) => createReceiver({ secret: env.POPP_SECRET, on: {} }));
