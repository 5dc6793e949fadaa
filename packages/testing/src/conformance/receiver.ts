/**
 * The receiver that an app under test mounts. Each event tells its handler how to behave, so the suite needs only the app's
 * URL, and the app can run in any process or runtime.
 *
 * @packageDocumentation
 */
import { type ConversationStartedEvent, createReceiver, type Receiver } from "@popp-webhooks/core";

/** The signing secrets of the conformance receiver, as during a rotation: the old secret, then the new one. */
export const conformanceSecrets: readonly [string, string] = ["conformance-secret-one", "conformance-secret-two"];

/** The body limit of the conformance receiver, in bytes. */
export const CONFORMANCE_MAX_BYTES = 65_536;

/** The handler timeout of the conformance receiver, in milliseconds. */
export const CONFORMANCE_HANDLER_TIMEOUT_MS = 1_500;

/** How the handler behaves. The suite sends it in `data.externalId`. */
export type HandlerBehavior = "return" | "throw" | "reject" | "never" | "slow";

/**
 * Creates the receiver that an app under test mounts.
 *
 * @example
 * ```ts
 * import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
 *
 * export const { fetch } = conformanceReceiver();
 * ```
 */
export function conformanceReceiver(): Receiver {
  return createReceiver({
    secret: conformanceSecrets,
    maxBytes: CONFORMANCE_MAX_BYTES,
    bodyTimeoutMs: 3_000,
    handlerTimeoutMs: CONFORMANCE_HANDLER_TIMEOUT_MS,
    on: { CONVERSATION_STARTED: behave },
  });
}

function behave({ data }: ConversationStartedEvent): unknown {
  switch (data.externalId) {
    case "throw":
      throw new Error("the event told this handler to throw");
    case "reject":
      return Promise.reject(new Error("the event told this handler to reject"));
    case "never":
      return new Promise(() => {});
    case "slow":
      return new Promise((resolve) => setTimeout(resolve, 300));
    default:
      return undefined;
  }
}
