import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";

/** What came of a call, as it crosses from the object to the Worker: an error would lose its class and its code on the way. */
export type RpcResult<T> = RpcValue<T> | RpcRefusal;

/** What a call gave. */
interface RpcValue<T> {
  /** What the store's method resolved with. */
  readonly value: T;
}

/** What a store refused, so that the same error can be made on the other side. */
interface RpcRefusal {
  /** What the error says of itself. */
  readonly refused: Pick<WebhookError, "code" | "message">;
}

/** What of a store is called from afar. A transaction is not: the work in it would be on the other side. */
type RpcMethod = Exclude<keyof InboxStore, "durability" | "transact" | "close">;

/** A store whose every method answers. */
export type RpcStore = {
  readonly [Method in RpcMethod]: (
    ...values: Parameters<InboxStore[Method]>
  ) => Promise<RpcResult<Awaited<ReturnType<InboxStore[Method]>>>>;
};

/** Runs what was asked for; what the store refuses becomes an answer, and what fails goes on as it is. */
export async function toRpc<T>(work: () => Promise<T>): Promise<RpcResult<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

/** Reads an answer. It holds data only, and so nothing that would have to be disposed of. */
export async function fromRpc<T>(answering: Promise<RpcResult<T>>): Promise<T> {
  const answer = await answering;
  if ("value" in answer) return answer.value;
  throw new WebhookError(answer.refused.code, answer.refused.message);
}
