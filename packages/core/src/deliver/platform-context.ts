import { quietly } from "../lib/quietly.ts";
import type { DeliveryContext } from "./inbox.ts";

/**
 * What a platform lends, made safe: whatever a runtime passes that is no `waitUntil` is ignored, and one that throws, as outside of a
 * request or after its end, changes nothing.
 */
export function safeContext(platform: unknown): DeliveryContext {
  const context = Object(platform);
  let lends = false;
  quietly(() => {
    lends = typeof context.waitUntil === "function";
  });
  return lends ? { waitUntil: (promise) => quietly(() => context.waitUntil(promise)) } : {};
}
