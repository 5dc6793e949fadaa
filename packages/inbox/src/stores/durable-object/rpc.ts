import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { InboxStore } from "../../ports/store.ts";

/** The result of a call from a Worker to the object, as data: an error would lose its class and code on the way. */
export type RpcResult<T> = RpcValue<T> | RpcRefusal;

/** The call succeeded. */
interface RpcValue<T> {
  /** The value that the store's method resolved with. */
  readonly value: T;
}

/** The store refused: enough to create the same error on the other side. */
interface RpcRefusal {
  /** The code and message of the error. */
  readonly refused: Pick<WebhookError, "code" | "message">;
}

/** The methods that a Worker calls. Not `transact`: the work of a transaction would run on the other side. */
type RpcMethod = Exclude<keyof InboxStore, "durability" | "place" | "problem" | "transact" | "close">;

/** A store with every method as an RPC. */
export type RpcStore = {
  readonly [Method in RpcMethod]: (
    ...values: Parameters<InboxStore[Method]>
  ) => Promise<RpcResult<Awaited<ReturnType<InboxStore[Method]>>>>;
};

/** Runs a call. A WebhookError becomes a result; any other error is thrown. */
export async function toRpc<T>(work: () => Promise<T>): Promise<RpcResult<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

/** Reads a result. It holds only data, so there is nothing to dispose of. */
export async function fromRpc<T>(answering: Promise<RpcResult<T>>): Promise<T> {
  const answer = await answering;
  if ("value" in answer) return answer.value;
  throw new WebhookError(answer.refused.code, answer.refused.message);
}
