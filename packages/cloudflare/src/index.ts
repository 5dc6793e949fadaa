/**
 * Receives Popp's webhooks in a Cloudflare Worker.
 *
 * @packageDocumentation
 */

export { toWorker, type WebhookWorker } from "./worker.ts";
