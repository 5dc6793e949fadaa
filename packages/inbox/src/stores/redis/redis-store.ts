import { WebhookError } from "@popp-webhooks/core";
import type { EventIndex, Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { parseState, zeroCounts } from "../../ports/event-state.ts";
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
import { acceptScript, rejectScript } from "./accept-scripts.ts";
import { eraseScript, indexScript, pruneScript, redriveScript } from "./change-scripts.ts";
import { checkDurability } from "./check-durability.ts";
import type { Send } from "./connection.ts";
import { pauseScript, resumeScript, statsScript, timelineScript } from "./count-scripts.ts";
import { claimScript, newestDoneScript, renewScript, settleScript } from "./lease-scripts.ts";
import { dueInScript, getScript, listScript, overdueScript, unindexedScript } from "./list-scripts.ts";
import { hashOf, listOf, numberOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";
import { openKeys } from "./schema.ts";
import { argumentsOf, claimedOf, storedOf } from "./stored-hash.ts";

/** What a store needs to open its keys. */
export interface RedisStoreConfig {
  readonly prefix: string;
  readonly allowDataLoss: boolean;
  readonly migrate: boolean;
}

/** Each method is one script and one round trip, except `list` and `timeline`, which may need several. */
export class RedisStore implements InboxStore {
  readonly #send: Send;
  readonly #run: RunScript;
  readonly #config: RedisStoreConfig;
  #durability: Durability = "none";

  constructor(send: Send, run: RunScript, config: RedisStoreConfig) {
    this.#send = send;
    this.#run = run;
    this.#config = config;
  }

  /** Known after `open` has asked the server. */
  get durability(): Durability {
    return this.#durability;
  }

  async open(): Promise<void> {
    const durability = await checkDurability(this.#send, this.#config.allowDataLoss);
    await openKeys(this.#send, this.#run, this.#config);
    this.#durability = durability;
  }

  async close(): Promise<void> {}

  async accept(event: NewEvent): Promise<Accepted> {
    const state = event.deadReason === null ? "received" : "dead";
    const [result] = listOf(await this.#run(acceptScript, ["1", ...argumentsOf(event, state)]));
    return acceptedOf(result);
  }

  async reject(event: NewEvent, cap: number): Promise<void> {
    await this.#run(rejectScript, [String(cap), ...argumentsOf(event, "rejected")]);
  }

  async claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]> {
    return claimedOf(listOf(await this.#run(claimScript, [JSON.stringify(request)])));
  }

  async renew({ key, token }: Lease, leaseMs: number): Promise<boolean> {
    return isOne(await this.#run(renewScript, [key, token, String(leaseMs)]));
  }

  async settle({ key, token }: Lease, { state, delayMs, note, counts, history }: Settlement): Promise<boolean> {
    const delay = delayMs === null ? "" : String(delayMs);
    const texts = [note, history].map((text) => (text === null ? "" : `=${text}`));
    const [result] = listOf(
      await this.#run(settleScript, ["1", key, token, state, delay, counts ? "0" : "1", ...texts]),
    );
    return isOne(result);
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

  async list({ beforeSeq, limit, tags, nameTag, ...query }: ListQuery): Promise<readonly StoredEvent[]> {
    if (tags.some((group) => group.length === 0)) return [];
    const listed: StoredEvent[] = [];
    // As texts: Lua would write large numbers with an exponent.
    const texts = { tags: tags.map((group) => group.map(String)), nameTag: nameTag === null ? null : String(nameTag) };
    let before: string | null = beforeSeq === null ? null : String(beforeSeq);
    do {
      const step = { ...query, ...texts, before, limit: limit - listed.length };
      const [next, ...events] = listOf(await this.#run(listScript, [JSON.stringify(step)]));
      listed.push(...events.map(storedOf).filter((event) => event !== undefined));
      before = textOf(next);
    } while (before !== null && listed.length < limit);
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

  async redrive(keys: readonly string[], force: boolean): Promise<readonly Redriven[]> {
    const results = listOf(await this.#run(redriveScript, [force ? "1" : "0", ...keys]));
    // The script's results are those of the port.
    return keys.map((key, at) => ({ key, result: textOf(results[at]) as Redriven["result"] }));
  }

  async erase(keys: readonly string[]): Promise<number> {
    return numberOf(await this.#run(eraseScript, keys)) ?? 0;
  }

  async pause(source: string, name: string): Promise<void> {
    await this.#run(pauseScript, [source, name]);
  }

  async resume(source: string, name: string): Promise<void> {
    await this.#run(resumeScript, [source, name]);
  }

  async stats(source: string): Promise<StoreStats> {
    const [counted, due, paused, unindexed] = listOf(await this.#run(statsScript, [source]));
    const dueInMs = numberOf(due);
    return {
      ...countsOf(hashOf(counted)),
      oldestDueMs: Math.max(0, -(dueInMs ?? 0)),
      nextDueInMs: dueInMs === null ? null : Math.max(0, dueInMs),
      paused: listOf(paused)
        .map((name) => textOf(name) ?? "")
        .sort(),
      hasUnindexed: (numberOf(unindexed) ?? 0) > 0,
    };
  }

  async timeline({ source, sinceMs, untilMs, bucketMs }: TimelineQuery): Promise<readonly TimelineBucket[]> {
    const buckets = new Map<number, TimelineBucket>();
    let after: string | null = "";
    while (after !== null) {
      const args: readonly string[] = [source, ...[sinceMs, untilMs, bucketMs].map(String), after];
      const [next, ...counted] = listOf(await this.#run(timelineScript, args));
      for (const one of counted) {
        const [atMs = 0, received = 0, done = 0, dead = 0, duplicates = 0] = listOf(one).map(
          (value) => numberOf(value) ?? 0,
        );
        const known = buckets.get(atMs) ?? { atMs, received: 0, done: 0, dead: 0, duplicates: 0 };
        buckets.set(atMs, {
          atMs,
          received: known.received + received,
          done: known.done + done,
          dead: known.dead + dead,
          duplicates: known.duplicates + duplicates,
        });
      }
      after = textOf(next);
    }
    return [...buckets.values()].sort((one, other) => one.atMs - other.atMs);
  }

  async prune(request: PruneRequest): Promise<Pruned> {
    const { source, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit } = request;
    const numbers = [bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit].map(String);
    const reply = listOf(await this.#run(pruneScript, [source, ...numbers]));
    const [bodies = 0, dead = 0, rows = 0] = reply.map((one) => numberOf(one) ?? 0);
    return { bodies, dead, rows };
  }

  async unindexed(source: string, limit: number): Promise<readonly UnindexedEvent[]> {
    const reply = listOf(await this.#run(unindexedScript, [source, String(limit)]));
    return reply.map((one) => {
      const [key, name, body] = listOf(one);
      return {
        key: textOf(key) ?? "",
        name: textOf(name) ?? "",
        body: body instanceof Uint8Array ? new Uint8Array(body) : null,
      };
    });
  }

  async index(entries: readonly EventIndex[]): Promise<void> {
    const texts = entries.map(({ key, recordId, tags, nameTag }) => ({
      key,
      recordId,
      tags: [nameTag, ...tags].join(","),
    }));
    await this.#run(indexScript, [JSON.stringify(texts)]);
  }
}

function acceptedOf(reply: unknown): Accepted {
  const [outcome, state] = listOf(reply).map(textOf);
  if (!isOutcome(outcome)) throw new Error("Redis answered in a form that this version does not know.");
  return { outcome, state: parseState(state) };
}

function isOutcome(text: string | null | undefined): text is Accepted["outcome"] {
  return text === "accepted" || text === "duplicate" || text === "conflict";
}

function isOne(reply: unknown): boolean {
  return numberOf(reply) === 1;
}

/** Each field is a state, a colon and a name. */
function countsOf(fields: ReadonlyMap<string, unknown>): Pick<StoreStats, "counts" | "names"> {
  const counts = zeroCounts();
  const names = new Map<string, ReturnType<typeof zeroCounts>>();
  for (const [field, value] of fields) {
    const count = numberOf(value) ?? 0;
    const colon = field.indexOf(":");
    const [state, name] = [parseState(field.slice(0, colon)), field.slice(colon + 1)];
    if (count <= 0) continue;
    const ofName = names.get(name) ?? zeroCounts();
    names.set(name, ofName);
    ofName[state] += count;
    counts[state] += count;
  }
  return { counts, names: Object.fromEntries(names) };
}
