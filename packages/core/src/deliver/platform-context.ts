import { quietly } from "../lib/quietly.ts";
import type { DeliveryContext } from "./inbox.ts";

/** Wraps the platform's `waitUntil` so that a missing or throwing one never affects the delivery. */
export function safeContext(platform: unknown): DeliveryContext {
  if (platform === undefined) return {};
  const context = Object(platform);
  let lends = false;
  quietly(() => {
    lends = typeof context.waitUntil === "function";
  });
  return lends ? { waitUntil: (promise) => quietly(() => context.waitUntil(promise)) } : {};
}
