import { WebhookError } from "@popp-webhooks/core";
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
import { DueQueue } from "./due-queue.ts";
import { OrderHolders } from "./order-holders.ts";
import { erase, isListed, prune, redrive, statsOf, timelineOf } from "./records.ts";
import { claimRow, countDuplicate, isClaimable, isLongerDue, type Row, rowOf, storedOf } from "./row.ts";

/** Every method runs in one turn of the event loop, and is atomic for that reason. */
export class MemoryStore implements InboxStore {
  readonly durability = "none";
  /** In order of arrival. */
  readonly #rows = new Map<string, Row>();
  readonly #due = new DueQueue();
  readonly #orders = new OrderHolders();
  /** The names that are paused, by source. */
  readonly #paused = new Map<string, Set<string>>();
  readonly #maxEvents: number;
  readonly #now: () => number;
  #seq = 0;
  #tickets = 0;

  constructor(maxEvents: number, now: () => number) {
    this.#maxEvents = maxEvents;
    this.#now = now;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async accept(event: NewEvent): Promise<Accepted> {
    const known = this.#rows.get(event.key);
    if (known === undefined) return { outcome: "accepted", state: this.#add(event, false).state };
    return { outcome: countDuplicate(known, event.hash, this.#now()), state: known.state };
  }

  async reject(event: NewEvent, cap: number): Promise<void> {
    const known = this.#rows.get(event.key);
    if (known !== undefined) {
      countDuplicate(known, event.hash, this.#now());
      return;
    }
    this.#add(event, true);
    const rejected = [...this.#rows.values()].filter((row) => row.state === "rejected" && row.source === event.source);
    for (const { key } of rejected.slice(0, Math.max(0, rejected.length - cap))) this.#rows.delete(key);
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]> {
    const { key } = request;
    if (key === null) return this.#takeDue(request).map((row) => this.#claim(row, request));
    const row = this.#rows.get(key);
    return this.#mayClaim(row, request) ? [this.#claim(row, request)] : [];
  }

  async correctDueTimes(source: string): Promise<number> {
    const now = this.#now();
    let corrected = 0;
    for (const row of this.#rows.values()) {
      if (row.source !== source || row.dueAtMs === null || row.dueAtMs <= now) continue;
      if (row.state !== "received" && row.updatedAtMs <= now) continue;
      this.#setDue(row, row.state === "processing" ? Math.max(0, row.dueAtMs - row.updatedAtMs) : 0);
      row.updatedAtMs = now;
      corrected++;
    }
    return corrected;
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    const row = this.#held(lease);
    if (row === undefined) return false;
    this.#setDue(row, leaseMs);
    row.updatedAtMs = this.#now();
    return true;
  }

  async settle(lease: Lease, { state, delayMs, note, counts, history }: Settlement): Promise<boolean> {
    const row = this.#held(lease);
    if (row === undefined) return false;
    Object.assign(row, {
      state,
      note,
      token: null,
      updatedAtMs: this.#now(),
      attempts: row.attempts - (counts ? 0 : 1),
      ...(history !== null && { history }),
    });
    this.#setDue(row, delayMs);
    this.#orders.release(row);
    return true;
  }

  async transact(): Promise<never> {
    throw new WebhookError(
      "CONFIG_INVALID",
      "memoryStore has no transactions. `tx` needs a store in SQLite, Postgres, D1 or a Durable Object.",
    );
  }

  async newestDone(orderKey: string): Promise<number | null> {
    let newest: number | null = null;
    for (const row of this.#rows.values()) {
      if (row.orderKey !== orderKey || row.orderAtMs === null || row.state !== "done" || row.note !== null) continue;
      newest = Math.max(newest ?? row.orderAtMs, row.orderAtMs);
    }
    return newest;
  }

  async get(key: string): Promise<StoredEvent | undefined> {
    const row = this.#rows.get(key);
    return row && storedOf(row);
  }

  async list(query: ListQuery): Promise<readonly StoredEvent[]> {
    const rows = [...this.#rows.values()].filter((row) => isListed(row, query));
    return rows
      .slice(-query.limit)
      .reverse()
      .map((row) => storedOf(row, query.bodies));
  }

  async overdue({ source, lateMs, after, limit }: OverdueQuery): Promise<readonly OverdueEvent[]> {
    const now = this.#now();
    const overdue: OverdueEvent[] = [];
    for (const row of this.#rows.values()) {
      if (row.source !== source || row.dueAtMs === null || row.dueAtMs > now - lateMs) continue;
      const event = { key: row.key, dueAtMs: row.dueAtMs, lateMs: now - row.dueAtMs };
      if (after === null || isLongerDue(after, event)) overdue.push(event);
    }
    return overdue.sort((one, other) => (isLongerDue(one, other) ? -1 : 1)).slice(0, limit);
  }

  async dueInMs(key: string): Promise<number | null> {
    const dueAtMs = this.#rows.get(key)?.dueAtMs ?? null;
    return dueAtMs === null ? null : dueAtMs - this.#now();
  }

  async redrive(keys: readonly string[], force: boolean): Promise<readonly Redriven[]> {
    return keys.map((key) => {
      const row = this.#rows.get(key);
      const result = redrive(row, force, this.#now());
      if (row !== undefined && result === "redriven") this.#setDue(row, 0);
      return { key, result };
    });
  }

  async erase(keys: readonly string[]): Promise<number> {
    let erased = 0;
    for (const row of keys.map((key) => this.#rows.get(key))) {
      if (row === undefined || !erase(row, this.#now())) continue;
      if (row.dueAtMs !== null) this.#setDue(row, null);
      erased++;
    }
    return erased;
  }

  async pause(source: string, name: string): Promise<void> {
    this.#paused.set(source, (this.#paused.get(source) ?? new Set()).add(name));
  }

  async resume(source: string, name: string): Promise<void> {
    this.#paused.get(source)?.delete(name);
  }

  async stats(source: string): Promise<StoreStats> {
    const rows = [...this.#rows.values()].filter((row) => row.source === source);
    return statsOf(rows, [...(this.#paused.get(source) ?? [])].sort(), this.#now());
  }

  async timeline(query: TimelineQuery): Promise<readonly TimelineBucket[]> {
    return timelineOf(this.#rows.values(), query);
  }

  async prune(request: PruneRequest): Promise<Pruned> {
    return prune(this.#rows, request, this.#now());
  }

  /** Nothing: every event in memory was stored by this version. */
  async unindexed(): Promise<readonly UnindexedEvent[]> {
    return [];
  }

  async index(_entries: readonly EventIndex[]): Promise<void> {}

  #add(event: NewEvent, isRejected: boolean): Row {
    this.#makeRoom();
    const row = { ...rowOf(event, isRejected, this.#now()), seq: ++this.#seq };
    this.#rows.set(row.key, row);
    if (row.state === "received") this.#setDue(row, 0);
    return row;
  }

  #makeRoom(): void {
    if (this.#rows.size < this.#maxEvents) return;
    for (const { key, dueAtMs } of this.#rows.values()) {
      if (dueAtMs !== null) continue;
      this.#rows.delete(key);
      return;
    }
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `memoryStore is full of unfinished events (\`maxEvents\`: ${this.#maxEvents}).`,
    );
  }

  /** Takes due events from the queue, the longest due first, and puts back those that this request must not claim. */
  #takeDue(request: ClaimRequest): readonly Row[] {
    const now = this.#now();
    const [taken, passed]: [Row[], (() => void)[]] = [[], []];
    const orders = new Set<string>();
    while (taken.length < request.limit) {
      const { first } = this.#due;
      if (first === undefined || first.dueAtMs > now) break;
      this.#due.pop();
      const row = this.#rows.get(first.key);
      if (row?.ticket !== first.ticket) continue;
      if (this.#mayClaim(row, request) && !orders.has(row.orderKey ?? "")) {
        taken.push(row);
        if (row.orderKey !== null) orders.add(row.orderKey);
      } else passed.push(() => this.#due.push(first));
    }
    for (const putBack of passed) putBack();
    return taken;
  }

  #mayClaim(row: Row | undefined, request: ClaimRequest): row is Row {
    const now = this.#now();
    return (
      isClaimable(row, request, now) &&
      this.#paused.get(row.source)?.has(row.name) !== true &&
      this.#orders.isFree(row, now)
    );
  }

  #claim(row: Row, request: ClaimRequest): ClaimedEvent {
    const now = this.#now();
    const state = claimRow(row, request, now);
    if (state === "processing") this.#orders.hold(row);
    this.#setDue(row, state === "processing" ? request.leaseMs : null);
    const { body, headers, ...stored } = storedOf(row);
    return { ...stored, state, claimedAtMs: now, body: body ?? new Uint8Array(), headers: headers ?? "{}" };
  }

  #setDue(row: Row, delayMs: number | null): void {
    row.ticket = ++this.#tickets;
    row.dueAtMs = delayMs === null ? null : this.#now() + delayMs;
    if (row.dueAtMs !== null) this.#due.push({ key: row.key, dueAtMs: row.dueAtMs, seq: row.seq, ticket: row.ticket });
  }

  #held({ key, token }: Lease): Row | undefined {
    const row = this.#rows.get(key);
    return row?.state === "processing" && row.token === token ? row : undefined;
  }
}
