/**
 * The receiver that apps under test mount: what its handlers do is said by the events, so a suite needs nothing but the
 * app's URL, in whatever process or runtime the app runs.
 *
 * @packageDocumentation
 */
import { type ConversationStartedEvent, createReceiver, type Receiver } from "@popp-webhooks/core";

/** The signing secrets of the conformance receiver: the first is being rotated out, the second in. */
export const conformanceSecrets: readonly [string, string] = ["conformance-secret-one", "conformance-secret-two"];

/** The largest body that the conformance receiver reads, in bytes. */
export const CONFORMANCE_MAX_BYTES = 65_536;

/** How long a handler of the conformance receiver may take, in milliseconds. */
export const CONFORMANCE_HANDLER_TIMEOUT_MS = 1_500;

/** What a handler is to do; the suite says so in `data.externalId`. */
export type ConformanceDeed = "return" | "throw" | "reject" | "never" | "slow";

/**
 * Makes the receiver that an app under test mounts.
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
    on: { CONVERSATION_STARTED: act },
  });
}

function act({ data }: ConversationStartedEvent): unknown {
  switch (data.externalId) {
    case "throw":
      throw new Error("the handler throws, as it was told to");
    case "reject":
      return Promise.reject(new Error("the handler rejects, as it was told to"));
    case "never":
      return new Promise(() => {});
    case "slow":
      return new Promise((resolve) => setTimeout(resolve, 300));
    default:
      return undefined;
  }
}
