import { WebhookError } from "@popp-webhooks/core";
import type { Pruned, PruneRequest } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { zeroCounts } from "../../ports/event-state.ts";
import type { ListQuery, OverdueEvent, OverdueQuery, StoreStats } from "../../ports/queries.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { DueQueue } from "./due-queue.ts";
import { isClaimable, isLongerDue, type Row, storedOf } from "./row.ts";

/** Every method runs in one turn of the event loop, and is atomic for that reason. */
export class MemoryStore implements InboxStore {
  readonly durability = "none";
  /** In order of arrival. */
  readonly #rows = new Map<string, Row>();
  readonly #due = new DueQueue();
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
    if (known === undefined) return { outcome: "accepted", state: this.#add(event, "received").state };
    this.#countDuplicate(known, event.hash);
    return { outcome: known.hash === event.hash ? "duplicate" : "conflict", state: known.state };
  }

  async reject(event: NewEvent, cap: number): Promise<void> {
    const known = this.#rows.get(event.key);
    if (known !== undefined) return this.#countDuplicate(known, event.hash);
    this.#add(event, "rejected");
    const rejected = [...this.#rows.values()].filter((row) => row.state === "rejected" && row.source === event.source);
    for (const { key } of rejected.slice(0, Math.max(0, rejected.length - cap))) this.#rows.delete(key);
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]> {
    const { key } = request;
    const rows =
      key === null
        ? this.#takeDue(request)
        : [this.#rows.get(key)].filter((row) => isClaimable(row, request, this.#now()));
    return rows.map((row) => this.#claim(row, request));
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    const row = this.#held(lease);
    if (row !== undefined) this.#setDue(row, leaseMs);
    return row !== undefined;
  }

  async settle(lease: Lease, { state, delayMs, note, counts }: Settlement): Promise<boolean> {
    const row = this.#held(lease);
    if (row === undefined) return false;
    Object.assign(row, {
      state,
      note,
      token: null,
      updatedAtMs: this.#now(),
      attempts: row.attempts - (counts ? 0 : 1),
    });
    this.#setDue(row, delayMs);
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

  async list({ source, state, name, sinceMs, beforeSeq, limit }: ListQuery): Promise<readonly StoredEvent[]> {
    const rows = [...this.#rows.values()].filter(
      (row) =>
        row.source === source &&
        (state === null || row.state === state) &&
        (name === null || row.name === name) &&
        row.receivedAtMs >= sinceMs &&
        (beforeSeq === null || row.seq < beforeSeq),
    );
    return rows.slice(-limit).reverse().map(storedOf);
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

  async redrive(key: string): Promise<boolean> {
    const row = this.#rows.get(key);
    if (row?.state !== "dead" || row.body === null) return false;
    Object.assign(row, { state: "received", attempts: 0, updatedAtMs: this.#now() });
    this.#setDue(row, 0);
    return true;
  }

  async stats(source: string): Promise<StoreStats> {
    const counts = zeroCounts();
    let oldestDueMs = 0;
    for (const row of this.#rows.values()) {
      if (row.source !== source) continue;
      counts[row.state]++;
      if (row.dueAtMs !== null) oldestDueMs = Math.max(oldestDueMs, this.#now() - row.dueAtMs);
    }
    return { counts, oldestDueMs };
  }

  async prune({ source, bodiesOlderThanMs, rowsOlderThanMs, limit }: PruneRequest): Promise<Pruned> {
    let [bodies, rows] = [0, 0];
    for (const row of this.#rows.values()) {
      if (row.source !== source || row.dueAtMs !== null) continue;
      const ageMs = this.#now() - row.updatedAtMs;
      if (row.body !== null && ageMs >= bodiesOlderThanMs && bodies < limit) {
        Object.assign(row, { body: null, headers: null });
        bodies++;
      }
      if (row.body === null && ageMs >= rowsOlderThanMs && rows < limit) {
        this.#rows.delete(row.key);
        rows++;
      }
    }
    return { bodies, rows };
  }

  #add({ deadReason, ...event }: NewEvent, state: "received" | "rejected"): Row {
    this.#makeRoom();
    const now = this.#now();
    const row: Row = {
      ...event,
      body: event.body.slice(),
      seq: ++this.#seq,
      state: deadReason !== null && state === "received" ? "dead" : state,
      token: null,
      ticket: 0,
      attempts: 0,
      fence: 0,
      receivedAtMs: now,
      updatedAtMs: now,
      lastSeenAtMs: now,
      dueAtMs: null,
      duplicates: 0,
      conflicts: 0,
      conflictHash: null,
      note: deadReason,
    };
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

  #countDuplicate(row: Row, hash: string): void {
    row.duplicates++;
    row.lastSeenAtMs = this.#now();
    if (row.hash === hash) return;
    row.conflicts++;
    row.conflictHash = hash;
  }

  /** Takes due events from the queue, the longest due first, and puts back those that this request must not claim. */
  #takeDue(request: ClaimRequest): readonly Row[] {
    const now = this.#now();
    const [taken, passed]: [Row[], (() => void)[]] = [[], []];
    while (taken.length < request.limit) {
      const { first } = this.#due;
      if (first === undefined || first.dueAtMs > now) break;
      this.#due.pop();
      const row = this.#rows.get(first.key);
      if (row?.ticket !== first.ticket) continue;
      if (isClaimable(row, request, now)) taken.push(row);
      else passed.push(() => this.#due.push(first));
    }
    for (const putBack of passed) putBack();
    return taken;
  }

  #claim(row: Row, { token, leaseMs, maxAttempts }: ClaimRequest): ClaimedEvent {
    const spent = row.attempts >= maxAttempts;
    const state = spent ? "dead" : "processing";
    row.state = state;
    row.fence++;
    row.updatedAtMs = this.#now();
    row.token = spent ? null : token;
    if (spent) row.note ??= "abandoned";
    else row.attempts++;
    this.#setDue(row, spent ? null : leaseMs);
    return { ...storedOf(row), state, body: row.body ?? new Uint8Array(), headers: row.headers ?? "{}" };
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
