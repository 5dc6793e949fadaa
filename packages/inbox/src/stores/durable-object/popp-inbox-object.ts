import type { EventIndex, Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import type {
  ListQuery,
  OverdueEvent,
  OverdueQuery,
  StoreStats,
  TimelineBucket,
  TimelineQuery,
  UnindexedEvent,
} from "../../ports/queries.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { DurableObjectBase, type ObjectState } from "./base.ts";
import { localStore } from "./local-store.ts";
import { type RpcResult, type RpcStore, toRpc } from "./rpc.ts";

/**
 * The Durable Object that stores the events of an inbox. Export it from your Worker, and pass its binding to `durableObjectStore`. Nothing else
 * needs to call it.
 *
 * @example
 * ```ts
 * export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
 * ```
 */
export class PoppInboxObject extends DurableObjectBase implements RpcStore {
  /** Cloudflare's types identify a Durable Object by this property. */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #store: InboxStore<unknown>;

  /** Called by the platform. */
  constructor(ctx: ObjectState, env: unknown) {
    super(ctx, env);
    this.#store = localStore(ctx.storage, { migrate: true });
  }

  /** Creates or migrates the schema. */
  open(): Promise<RpcResult<void>> {
    return this.#rpc(async () => {});
  }

  /** Stores an event once. */
  accept(event: NewEvent): Promise<RpcResult<Accepted>> {
    return this.#rpc((store) => store.accept(event));
  }

  /** Stores a genuine body that is not an event. */
  reject(event: NewEvent, cap: number): Promise<RpcResult<void>> {
    return this.#rpc((store) => store.reject(event, cap));
  }

  /** Claims due events. */
  claim(request: ClaimRequest): Promise<RpcResult<readonly ClaimedEvent[]>> {
    return this.#rpc((store) => store.claim(request));
  }

  /** Makes due what a clock that was set back holds up. */
  correctDueTimes(source: string): Promise<RpcResult<number>> {
    return this.#rpc((store) => store.correctDueTimes(source));
  }

  /** Extends a lease. */
  renew(lease: Lease, leaseMs: number): Promise<RpcResult<boolean>> {
    return this.#rpc((store) => store.renew(lease, leaseMs));
  }

  /** Settles a claimed event. */
  settle(lease: Lease, settlement: Settlement): Promise<RpcResult<boolean>> {
    return this.#rpc((store) => store.settle(lease, settlement));
  }

  /** Returns the time of the latest handled event of an order. */
  newestDone(orderKey: string): Promise<RpcResult<number | null>> {
    return this.#rpc((store) => store.newestDone(orderKey));
  }

  /** Returns one event. */
  get(key: string): Promise<RpcResult<StoredEvent | undefined>> {
    return this.#rpc((store) => store.get(key));
  }

  /** Lists events. */
  list(query: ListQuery): Promise<RpcResult<readonly StoredEvent[]>> {
    return this.#rpc((store) => store.list(query));
  }

  /** Lists overdue events. */
  overdue(query: OverdueQuery): Promise<RpcResult<readonly OverdueEvent[]>> {
    return this.#rpc((store) => store.overdue(query));
  }

  /** Returns how long it is until an event is due. */
  dueInMs(key: string): Promise<RpcResult<number | null>> {
    return this.#rpc((store) => store.dueInMs(key));
  }

  /** Makes events due now. */
  redrive(keys: readonly string[], force: boolean): Promise<RpcResult<readonly Redriven[]>> {
    return this.#rpc((store) => store.redrive(keys, force));
  }

  /** Erases events. */
  erase(keys: readonly string[]): Promise<RpcResult<number>> {
    return this.#rpc((store) => store.erase(keys));
  }

  /** Stops claims of a name. */
  pause(source: string, name: string): Promise<RpcResult<void>> {
    return this.#rpc((store) => store.pause(source, name));
  }

  /** Ends a pause. */
  resume(source: string, name: string): Promise<RpcResult<void>> {
    return this.#rpc((store) => store.resume(source, name));
  }

  /** Counts events. */
  stats(source: string): Promise<RpcResult<StoreStats>> {
    return this.#rpc((store) => store.stats(source));
  }

  /** Counts events by time. */
  timeline(query: TimelineQuery): Promise<RpcResult<readonly TimelineBucket[]>> {
    return this.#rpc((store) => store.timeline(query));
  }

  /** Lists events without an index. */
  unindexed(source: string, limit: number): Promise<RpcResult<readonly UnindexedEvent[]>> {
    return this.#rpc((store) => store.unindexed(source, limit));
  }

  /** Sets the index of events. */
  index(entries: readonly EventIndex[]): Promise<RpcResult<void>> {
    return this.#rpc((store) => store.index(entries));
  }

  /** Deletes old bodies and events. */
  prune(request: PruneRequest): Promise<RpcResult<Pruned>> {
    return this.#rpc((store) => store.prune(request));
  }

  /** Opens the store with each call: the object may have been moved or restarted with new code since the Worker opened it. */
  #rpc<T>(work: (store: InboxStore<unknown>) => Promise<T>): Promise<RpcResult<T>> {
    return toRpc(async () => {
      await this.#store.open();
      return work(this.#store);
    });
  }
}
