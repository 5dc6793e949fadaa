/**
 * Receives Popp's webhooks in a Next.js app, in the App Router or the Pages Router.
 *
 * @packageDocumentation
 */

export { toNextApiHandler } from "./api-handler.ts";
export { type NextRoute, toNextRoute } from "./route.ts";
