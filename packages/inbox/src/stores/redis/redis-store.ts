import { WebhookError } from "@popp-webhooks/core";
import type { Pruned, PruneRequest } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { EVENT_STATES, type EventState, parseState, zeroCounts } from "../../ports/event-state.ts";
import type { ListQuery, OverdueEvent, OverdueQuery, StoreStats } from "../../ports/queries.ts";
import type { Durability, InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { acceptScript, rejectScript } from "./accept-scripts.ts";
import { checkDurability } from "./check-durability.ts";
import type { Send } from "./connection.ts";
import { dueInScript, overdueScript } from "./due-scripts.ts";
import { claimScript, newestDoneScript, renewScript, settleScript } from "./lease-scripts.ts";
import { getScript, listScript, pruneScript, redriveScript, statsScript } from "./record-scripts.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";
import { assertVersion } from "./schema.ts";
import { claimedOf, fieldsOf, storedOf } from "./stored-hash.ts";

/** Each method is one script and one round trip, except `list`, which may need several. */
export class RedisStore implements InboxStore {
  readonly #send: Send;
  readonly #run: RunScript;
  readonly #prefix: string;
  readonly #allowDataLoss: boolean;
  #durability: Durability = "none";

  constructor(send: Send, run: RunScript, prefix: string, allowDataLoss: boolean) {
    this.#send = send;
    this.#run = run;
    this.#prefix = prefix;
    this.#allowDataLoss = allowDataLoss;
  }

  /** Known after `open` has asked the server. */
  get durability(): Durability {
    return this.#durability;
  }

  async open(): Promise<void> {
    const durability = await checkDurability(this.#send, this.#allowDataLoss);
    await assertVersion(this.#send, this.#prefix);
    this.#durability = durability;
  }

  async close(): Promise<void> {}

  async accept(event: NewEvent): Promise<Accepted> {
    const state: EventState = event.deadReason === null ? "received" : "dead";
    const reply = await this.#run(acceptScript, [event.key, event.source, event.hash, state, ...fieldsOf(event)]);
    const [outcome, onRecord] = listOf(reply).map(textOf);
    if (!isOutcome(outcome)) throw new Error("Redis answered in a form that this version does not know.");
    return { outcome, state: parseState(onRecord) };
  }

  async reject(event: NewEvent, cap: number): Promise<void> {
    await this.#run(rejectScript, [event.key, event.source, event.hash, String(cap), ...fieldsOf(event)]);
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]> {
    const { source, token, leaseMs, limit, maxAttempts, key, which, exclude } = request;
    const numbers = [leaseMs, limit, maxAttempts].map(String);
    return claimedOf(listOf(await this.#run(claimScript, [source, token, ...numbers, key ?? "", which, ...exclude])));
  }

  async renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return isOne(await this.#run(renewScript, [key, token, String(leaseMs)]));
  }

  async settle({ key, token }: Lease, { state, delayMs, note, counts }: Settlement): Promise<boolean> {
    const delay = delayMs === null ? "" : String(delayMs);
    const args = [key, token, state, delay, counts ? "0" : "1", ...(note === null ? [] : [note])];
    return isOne(await this.#run(settleScript, args));
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
    return storedOf(await this.#run(getScript, [key]));
  }

  async list({ source, state, name, sinceMs, beforeSeq, limit }: ListQuery): Promise<readonly StoredEvent[]> {
    const listed: StoredEvent[] = [];
    const filter = [name === null ? "" : `=${name}`, String(sinceMs)];
    let before: string | null = beforeSeq === null ? "" : String(beforeSeq);
    while (before !== null && listed.length < limit) {
      const missing = String(limit - listed.length);
      const reply: unknown = await this.#run(listScript, [source, state ?? "", before, missing, ...filter]);
      const [next, ...events] = listOf(reply);
      before = textOf(next);
      listed.push(...events.map(storedOf).filter((event) => event !== undefined));
    }
    return listed;
  }

  async overdue({ source, lateMs, after, limit }: OverdueQuery): Promise<readonly OverdueEvent[]> {
    const from = after === null ? [] : [String(after.dueAtMs), after.key];
    const reply = await this.#run(overdueScript, [source, String(lateMs), String(limit), ...from]);
    return listOf(reply).map((one) => {
      const [key, dueAtMs, late] = listOf(one);
      return { key: textOf(key) ?? "", dueAtMs: numberOf(dueAtMs) ?? 0, lateMs: numberOf(late) ?? 0 };
    });
  }

  async dueInMs(key: string): Promise<number | null> {
    return numberOf(await this.#run(dueInScript, [key]));
  }

  async redrive(key: string): Promise<boolean> {
    return isOne(await this.#run(redriveScript, [key]));
  }

  async stats(source: string): Promise<StoreStats> {
    const [...numbers] = listOf(await this.#run(statsScript, [source, ...EVENT_STATES])).map(
      (one) => numberOf(one) ?? 0,
    );
    const counts = zeroCounts();
    for (const [at, state] of EVENT_STATES.entries()) counts[state] = numbers[at] ?? 0;
    return { counts, oldestDueMs: numbers[EVENT_STATES.length] ?? 0 };
  }

  async prune({ source, bodiesOlderThanMs, rowsOlderThanMs, limit }: PruneRequest): Promise<Pruned> {
    const numbers = [bodiesOlderThanMs, rowsOlderThanMs, limit].map(String);
    const [bodies = 0, rows = 0] = listOf(await this.#run(pruneScript, [source, ...numbers])).map(
      (one) => numberOf(one) ?? 0,
    );
    return { bodies, rows };
  }
}

function isOutcome(text: string | null | undefined): text is Accepted["outcome"] {
  return text === "accepted" || text === "duplicate" || text === "conflict";
}

function isOne(reply: unknown): boolean {
  return numberOf(reply) === 1;
}
