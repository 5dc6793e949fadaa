import type {
  Accepted,
  ClaimedEvent,
  ClaimRequest,
  InboxStore,
  Lease,
  ListQuery,
  NewEvent,
  OverdueEvent,
  OverdueQuery,
  Pruned,
  PruneRequest,
  Settlement,
  StoredEvent,
  StoreStats,
} from "../../ports/store.ts";
import { DurableObjectBase, type ObjectState } from "./base.ts";
import { localStore } from "./local-store.ts";
import { type RpcResult, type RpcStore, toRpc } from "./rpc.ts";

/**
 * The Durable Object that keeps the events of an inbox. Export it from your Worker, and give its binding to `durableObjectStore` there:
 * nothing else needs to call it.
 *
 * @example
 * ```ts
 * export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
 * ```
 */
export class PoppInboxObject extends DurableObjectBase implements RpcStore {
  /** What Cloudflare's types know a Durable Object by. */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #store: InboxStore<unknown>;

  /** Called by the platform. */
  constructor(ctx: ObjectState, env: unknown) {
    super(ctx, env);
    this.#store = localStore(ctx.storage);
  }

  /** Creates or migrates the schema. */
  open(): Promise<RpcResult<void>> {
    return this.#rpc(async () => {});
  }

  /** Keeps an event once. */
  accept(event: NewEvent): Promise<RpcResult<Accepted>> {
    return this.#rpc((store) => store.accept(event));
  }

  /** Keeps what is genuine but no event. */
  reject(event: NewEvent, cap: number): Promise<RpcResult<void>> {
    return this.#rpc((store) => store.reject(event, cap));
  }

  /** Takes what is due. */
  claim(request: ClaimRequest): Promise<RpcResult<readonly ClaimedEvent[]>> {
    return this.#rpc((store) => store.claim(request));
  }

  /** Prolongs a lease. */
  renew(lease: Lease, leaseMs: number): Promise<RpcResult<boolean>> {
    return this.#rpc((store) => store.renew(lease, leaseMs));
  }

  /** Leaves a claimed event. */
  settle(lease: Lease, settlement: Settlement): Promise<RpcResult<boolean>> {
    return this.#rpc((store) => store.settle(lease, settlement));
  }

  /** The latest handled event of one order. */
  newestDone(orderKey: string): Promise<RpcResult<number | null>> {
    return this.#rpc((store) => store.newestDone(orderKey));
  }

  /** One event. */
  get(key: string): Promise<RpcResult<StoredEvent | undefined>> {
    return this.#rpc((store) => store.get(key));
  }

  /** Events by filter. */
  list(query: ListQuery): Promise<RpcResult<readonly StoredEvent[]>> {
    return this.#rpc((store) => store.list(query));
  }

  /** What has been due for a while. */
  overdue(query: OverdueQuery): Promise<RpcResult<readonly OverdueEvent[]>> {
    return this.#rpc((store) => store.overdue(query));
  }

  /** How long until an event is due. */
  dueInMs(key: string): Promise<RpcResult<number | null>> {
    return this.#rpc((store) => store.dueInMs(key));
  }

  /** Gives a dead event a new life. */
  redrive(key: string): Promise<RpcResult<boolean>> {
    return this.#rpc((store) => store.redrive(key));
  }

  /** Counts. */
  stats(source: string): Promise<RpcResult<StoreStats>> {
    return this.#rpc((store) => store.stats(source));
  }

  /** Forgets what is old. */
  prune(request: PruneRequest): Promise<RpcResult<Pruned>> {
    return this.#rpc((store) => store.prune(request));
  }

  /** An object may be another one than the Worker opened: it was moved, or came back with new code. So each call sees to the schema. */
  #rpc<T>(work: (store: InboxStore<unknown>) => Promise<T>): Promise<RpcResult<T>> {
    return toRpc(async () => {
      await this.#store.open();
      return work(this.#store);
    });
  }
}
