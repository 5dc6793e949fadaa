/**
 * Receives Popp's webhooks in Express and other frameworks with Node's request and response.
 *
 * @packageDocumentation
 */

export { toExpressHandler } from "./express-handler.ts";
export { type NodeRequest, toNodeListener } from "./node-listener.ts";
