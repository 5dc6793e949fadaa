import { WebhookError } from "@popp-webhooks/core";
import type { EventIndex, Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { EVENT_STATES } from "../../ports/event-state.ts";
import type {
  ListQuery,
  OverdueEvent,
  OverdueQuery,
  StoreStats,
  TimelineBucket,
  TimelineQuery,
  UnindexedEvent,
} from "../../ports/queries.ts";
import type { Durability, InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { argumentsOf, claimedOf, storedOf, tagsText } from "./codec.ts";
import type { Argument, Connection } from "./connection.ts";
import { groupedAccept, groupedSettle, present, type Settle } from "./groups.ts";
import { listOf, numberOf } from "./reply.ts";
import { overdueOf, redrivenOf, statsOf, troublesOf, unindexedOf, unreadableOf } from "./results.ts";
import { pendingLimit, type RunScript, scriptRunner } from "./run-script.ts";
import { rejectScript } from "./scripts/accept.ts";
import { eraseScript, pruneScript, redriveScript } from "./scripts/change.ts";
import { claimScript } from "./scripts/claim.ts";
import { indexScript, pauseScript, unindexedScript } from "./scripts/index-tags.ts";
import { correctDueTimesScript, newestDoneScript, renewScript } from "./scripts/lease.ts";
import { dueInScript, getScript, listScript, overdueScript } from "./scripts/query.ts";
import type { Script } from "./scripts/script.ts";
import { statsScript } from "./scripts/stats.ts";
import { reliableSend } from "./send.ts";
import { ServerWatch } from "./server-watch.ts";
import { timelineOf } from "./timeline.ts";

/** How many events that cannot be claimed a claim passes, in steps. The rest has to wait for the next claim. */
const MAX_CLAIM_STEPS = 20;

/** What {@link RedisStore} needs. */
export interface RedisStoreConfig {
  readonly prefix: string;
  readonly allowDataLoss: boolean;
  readonly maxPendingCalls: number;
  readonly migrate: boolean;
}

/** Each method is one script and one round trip, except those that go on in steps where they meet many events. */
export class RedisStore implements InboxStore {
  readonly #watch: ServerWatch;
  readonly #runUnlimited: RunScript;
  readonly #limited: <T>(call: () => Promise<T>) => Promise<T>;
  readonly #accept: (event: NewEvent) => Promise<Accepted>;
  readonly #settle: (settle: Settle) => Promise<boolean>;

  constructor(connection: Connection, { maxPendingCalls, ...config }: RedisStoreConfig) {
    const send = reliableSend(connection);
    this.#runUnlimited = scriptRunner(send, config.prefix);
    this.#watch = new ServerWatch({ ...config, connection, send, run: this.#runUnlimited });
    this.#limited = pendingLimit(maxPendingCalls);
    this.#accept = groupedAccept(this.#runUnlimited, this.#watch);
    this.#settle = groupedSettle(this.#runUnlimited);
  }

  /** Known after `open` has asked the server, and kept up to date. */
  get durability(): Durability {
    return this.#watch.durability;
  }

  get problem(): string | null {
    return this.#watch.problem?.message ?? null;
  }

  open(report?: (error: WebhookError) => void): Promise<void> {
    return this.#limited(() => this.#watch.open(report));
  }

  async close(): Promise<void> {}

  accept(event: NewEvent): Promise<Accepted> {
    return this.#limited(() => this.#accept(event));
  }

  async reject(event: NewEvent, cap: number): Promise<void> {
    const args = [...argumentsOf(event, "rejected"), String(cap)];
    await this.#limited(() => this.#watch.safely(() => this.#runUnlimited(rejectScript, args)));
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]> {
    const args = [JSON.stringify(request, present)];
    for (let step = 1; ; step++) {
      const [more, now, troubles, ...claimed] = listOf(await this.#run(claimScript, args));
      for (const trouble of troublesOf(troubles)) this.#watch.tell(trouble);
      if (numberOf(more) === 0 || step === MAX_CLAIM_STEPS) return claimedOf(claimed, numberOf(now) ?? 0);
    }
  }

  async correctDueTimes(source: string): Promise<number> {
    return numberOf(await this.#run(correctDueTimesScript, [source])) ?? 0;
  }

  async renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return numberOf(await this.#run(renewScript, [key, token, String(leaseMs)])) === 1;
  }

  settle(lease: Lease, settlement: Settlement): Promise<boolean> {
    return this.#limited(() => this.#settle({ lease, settlement }));
  }

  async transact(): Promise<never> {
    throw new WebhookError(
      "CONFIG_INVALID",
      "redisStore has no transactions. `tx` needs a store in SQLite, Postgres, D1 or a Durable Object.",
    );
  }

  async newestDone(orderKey: string): Promise<number | null> {
    return numberOf(await this.#run(newestDoneScript, [orderKey]));
  }

  async get(key: string): Promise<StoredEvent | undefined> {
    const reply = await this.#run(getScript, [key]);
    if (listOf(reply)[1] !== undefined) this.#watch.tell(unreadableOf([reply]));
    return storedOf(reply);
  }

  async list(query: ListQuery): Promise<readonly StoredEvent[]> {
    const listed: StoredEvent[] = [];
    let { beforeSeq } = query;
    do {
      const tags = query.tags.map((some) => some.map((tag) => tagsText([tag])));
      const rest = { ...query, tags, beforeSeq, limit: query.limit - listed.length };
      const [next, ...events] = listOf(await this.#run(listScript, [JSON.stringify(rest, present)]));
      this.#watch.tell(unreadableOf(events));
      beforeSeq = numberOf(next);
      listed.push(...events.map(storedOf).filter((event) => event !== undefined));
    } while (beforeSeq !== null && listed.length < query.limit);
    return listed;
  }

  async overdue({ source, lateMs, after, limit }: OverdueQuery): Promise<readonly OverdueEvent[]> {
    const from = after === null ? [] : [String(after.dueAtMs), after.key];
    const found = listOf(await this.#run(overdueScript, [source, String(lateMs), String(limit), ...from]));
    const isLost = (one: unknown) => listOf(one).length === 1;
    for (const trouble of troublesOf(found.filter(isLost).map((one) => ["", ...listOf(one)])))
      this.#watch.tell(trouble);
    return overdueOf(found.filter((one) => !isLost(one)));
  }

  async dueInMs(key: string): Promise<number | null> {
    return numberOf(await this.#run(dueInScript, [key]));
  }

  async redrive(keys: readonly string[], force: boolean): Promise<readonly Redriven[]> {
    return redrivenOf(keys, await this.#run(redriveScript, [force ? "1" : "0", ...keys]));
  }

  async erase(keys: readonly string[]): Promise<number> {
    return numberOf(await this.#run(eraseScript, keys)) ?? 0;
  }

  async pause(source: string, name: string): Promise<void> {
    await this.#run(pauseScript, [source, name, "1"]);
  }

  async resume(source: string, name: string): Promise<void> {
    await this.#run(pauseScript, [source, name, "0"]);
  }

  async stats(source: string): Promise<StoreStats> {
    return statsOf(await this.#run(statsScript, [source, ...EVENT_STATES]));
  }

  timeline(query: TimelineQuery): Promise<readonly TimelineBucket[]> {
    return timelineOf((script, args) => this.#run(script, args), query);
  }

  async prune(request: PruneRequest): Promise<Pruned> {
    const { source, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit } = request;
    const numbers = [bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit].map(String);
    const reply = listOf(await this.#run(pruneScript, [source, ...numbers]));
    const [bodies = 0, dead = 0, rows = 0] = reply.map((one) => numberOf(one) ?? 0);
    return { bodies, dead, rows };
  }

  async unindexed(source: string, limit: number): Promise<readonly UnindexedEvent[]> {
    return unindexedOf(await this.#run(unindexedScript, [source, String(limit)]));
  }

  async index(entries: readonly EventIndex[]): Promise<void> {
    const given = entries.map(({ key, recordId, tags }) => ({ key, recordId, tags: tagsText(tags) }));
    await this.#run(indexScript, [JSON.stringify(given, present)]);
  }

  #run(script: Script, args: readonly Argument[]): Promise<unknown> {
    this.#watch.look()?.catch(() => {});
    return this.#limited(() => this.#runUnlimited(script, args));
  }
}
