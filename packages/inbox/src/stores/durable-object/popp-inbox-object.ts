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
import { type Answer, answerOf, type RemoteStore } from "./remote.ts";

/**
 * The Durable Object that keeps the events of an inbox. Export it from your Worker, and give its binding to `durableObjectStore` there:
 * nothing else needs to call it.
 *
 * @example
 * ```ts
 * export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";
 * ```
 */
export class PoppInboxObject extends DurableObjectBase implements RemoteStore {
  /** What Cloudflare's types know a Durable Object by. */
  declare readonly __DURABLE_OBJECT_BRAND: never;
  readonly #store: InboxStore<unknown>;

  /** Called by the platform. */
  constructor(ctx: ObjectState, env: unknown) {
    super(ctx, env);
    this.#store = localStore(ctx.storage);
  }

  /** Creates or migrates the schema. */
  open(): Promise<Answer<void>> {
    return this.#answer(async () => {});
  }

  /** Keeps an event once. */
  accept(event: NewEvent): Promise<Answer<Accepted>> {
    return this.#answer((store) => store.accept(event));
  }

  /** Keeps what is genuine but no event. */
  reject(event: NewEvent, cap: number): Promise<Answer<void>> {
    return this.#answer((store) => store.reject(event, cap));
  }

  /** Takes what is due. */
  claim(request: ClaimRequest): Promise<Answer<readonly ClaimedEvent[]>> {
    return this.#answer((store) => store.claim(request));
  }

  /** Prolongs a lease. */
  renew(lease: Lease, leaseMs: number): Promise<Answer<boolean>> {
    return this.#answer((store) => store.renew(lease, leaseMs));
  }

  /** Leaves a claimed event. */
  settle(lease: Lease, settlement: Settlement): Promise<Answer<boolean>> {
    return this.#answer((store) => store.settle(lease, settlement));
  }

  /** The latest handled event of one order. */
  newestDone(orderKey: string): Promise<Answer<number | null>> {
    return this.#answer((store) => store.newestDone(orderKey));
  }

  /** One event. */
  get(key: string): Promise<Answer<StoredEvent | undefined>> {
    return this.#answer((store) => store.get(key));
  }

  /** Events by filter. */
  list(query: ListQuery): Promise<Answer<readonly StoredEvent[]>> {
    return this.#answer((store) => store.list(query));
  }

  /** What has been due for a while. */
  overdue(query: OverdueQuery): Promise<Answer<readonly OverdueEvent[]>> {
    return this.#answer((store) => store.overdue(query));
  }

  /** How long until an event is due. */
  dueInMs(key: string): Promise<Answer<number | null>> {
    return this.#answer((store) => store.dueInMs(key));
  }

  /** Gives a dead event a new life. */
  redrive(key: string): Promise<Answer<boolean>> {
    return this.#answer((store) => store.redrive(key));
  }

  /** Counts. */
  stats(source: string): Promise<Answer<StoreStats>> {
    return this.#answer((store) => store.stats(source));
  }

  /** Forgets what is old. */
  prune(request: PruneRequest): Promise<Answer<Pruned>> {
    return this.#answer((store) => store.prune(request));
  }

  /** An object may be another one than the Worker opened: it was moved, or came back with new code. So each call sees to the schema. */
  #answer<T>(work: (store: InboxStore<unknown>) => Promise<T>): Promise<Answer<T>> {
    return answerOf(async () => {
      await this.#store.open();
      return work(this.#store);
    });
  }
}
