import type { Pruned, PruneRequest } from "../../ports/changes.ts";
import type { ListQuery } from "../../ports/queries.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import { accept, reject } from "./accept.ts";
import type { Batch } from "./batch.ts";
import { eraseStep, eraseSteps, pruneStep, redrive } from "./changes.ts";
import { claim, newestDone, renew, settle } from "./claim.ts";
import { pause, resume, stats, timeline } from "./counts.ts";
import { dueInMs, get, list, overdue, type Place, tagGroupsOf } from "./lists.ts";
import { index, PART_EVENTS, parts, seal, unindexed, unsealed } from "./tags.ts";

/** What an engine of the SQLite family must implement itself. */
export interface SqlEngine<Tx> extends Pick<InboxStore<Tx>, "durability" | "open" | "transact" | "close"> {
  /** Runs a batch that changes data, in one transaction. Durable when it resolves. */
  readonly write: <T>(batch: Batch<T>) => Promise<T>;
  /** Runs a batch that only reads, on the primary database. */
  readonly read: <T>(batch: Batch<T>) => Promise<T>;
  /** Accepts an event, where the engine has a faster way than the batch. */
  readonly accept?: (event: NewEvent) => Promise<Accepted>;
  /** Makes sure that the bytes of erased events are gone. */
  readonly afterErase?: () => Promise<void>;
}

/** Creates a store from an engine. */
export function sqlStore<Tx>(engine: SqlEngine<Tx>): InboxStore<Tx> {
  const { read, write } = engine;
  return {
    durability: engine.durability,
    open: () => engine.open(),
    close: () => engine.close(),
    transact: (lease, work) => engine.transact(lease, work),
    accept: engine.accept ?? ((event) => write(accept(event))),
    reject: (event, cap) => write(reject(event, cap)),
    claim: (request) => write(claim(request)),
    renew: (lease, leaseMs) => write(renew(lease, leaseMs)),
    settle: (lease, settlement) => write(settle(lease, settlement)),
    newestDone: (orderKey) => read(newestDone(orderKey)),
    get: (key) => read(get(key)),
    list: (query) => listAll(engine, query),
    overdue: (query) => read(overdue(query)),
    dueInMs: (key) => read(dueInMs(key)),
    redrive: (keys, force) => write(redrive(keys, force)),
    erase: (keys) => eraseAll(engine, keys),
    pause: (source, name) => write(pause(source, name)),
    resume: (source, name) => write(resume(source, name)),
    stats: (source) => read(stats(source)),
    timeline: (query) => read(timeline(query)),
    prune: (request) => pruneAll(engine, request),
    unindexed: (source, limit) => read(unindexed(source, limit)),
    index: (entries) => write(index(entries)),
  };
}

/** Erases in steps, each in a transaction of its own. */
async function eraseAll<Tx>({ read, write, afterErase }: SqlEngine<Tx>, keys: readonly string[]): Promise<number> {
  let erased = 0;
  for (const step of await read(eraseSteps(keys))) erased += await write(eraseStep(step));
  if (erased > 0) await afterErase?.();
  return erased;
}

/** Prunes in steps, each in a transaction of its own, and seals what an engine without a faster accept has not sealed. */
async function pruneAll<Tx>({ read, write, accept }: SqlEngine<Tx>, request: PruneRequest): Promise<Pruned> {
  const pruned = { bodies: 0, dead: 0, rows: 0 };
  for (let isCut = true; isCut; ) {
    const left = request.limit - Math.max(pruned.bodies, pruned.rows);
    if (left <= 0) break;
    const step = await write(pruneStep({ ...request, limit: left }));
    pruned.bodies += step.bodies;
    pruned.dead += step.dead;
    pruned.rows += step.rows;
    isCut = step.isCut;
  }
  if (accept === undefined && (await read(unsealed())) >= PART_EVENTS) await write(seal());
  return pruned;
}

/** How many parts each further statement reads: a common tag is found in the first few, a rare one after few statements. */
const GROWTH = 4;

/** Lists events. By tag, from the events that are not sealed yet, and then from the parts, the newest first. */
async function listAll<Tx>({ read }: SqlEngine<Tx>, query: ListQuery): Promise<readonly StoredEvent[]> {
  const [first] = tagGroupsOf(query);
  if (first === undefined) return read(list(query, { kind: "all" }));
  if (first.length === 0) return [];
  const tagged = { ...query, tags: tagGroupsOf(query) };
  const sealed = await read(parts());
  const found: StoredEvent[] = [];
  const look = async (place: Place) => {
    found.push(...(await read(list({ ...tagged, limit: query.limit - found.length }, place))));
    return found.length < query.limit;
  };
  let isMissing = await look({ kind: "tail", sealed: sealed[0] ?? 0 });
  for (let [at, count] = [0, GROWTH]; isMissing && at < sealed.length; at += count, count *= GROWTH)
    isMissing = await look({ kind: "parts", parts: sealed.slice(at, at + count) });
  return found;
}
