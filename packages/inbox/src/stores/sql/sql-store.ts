import type { Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import type { TimelineBucket, TimelineQuery } from "../../ports/queries.ts";
import type { InboxStore } from "../../ports/store.ts";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { accept, reject } from "./accept.ts";
import type { Batch } from "./batch.ts";
import { eraseStep, eraseSteps, pruneStep, redrive } from "./changes.ts";
import { claim, newestDone, renew, settle } from "./claim.ts";
import { correctDueTimes } from "./correct-due-times.ts";
import { pause, resume, stats, sumOf, timeline, timelineRange } from "./reads/counts.ts";
import { listAll } from "./reads/list-all.ts";
import { dueInMs, get, overdue } from "./reads/lists.ts";
import { cut } from "./reads/ranges.ts";
import { index, PART_EVENTS, seal, unindexed, unsealed } from "./tags.ts";

/** What an engine of the SQLite family must implement itself. */
export interface SqlEngine<Tx> extends Pick<InboxStore<Tx>, "durability" | "place" | "open" | "transact" | "close"> {
  /** Runs a batch that changes data, in one transaction. Durable when it resolves. */
  readonly write: <T>(batch: Batch<T>) => Promise<T>;
  /** Runs a batch that only reads, on the primary database. */
  readonly read: <T>(batch: Batch<T>) => Promise<T>;
  /** Accepts an event, where the engine has a faster way than the batch. */
  readonly accept?: (event: NewEvent) => Promise<Accepted>;
  /** Lets other work go on between two statements, where a statement blocks the process. */
  readonly turn?: () => Promise<void>;
  /** How many events one write redrives or erases at most, where the process waits for it. Otherwise all that are asked for. */
  readonly eventsAtOnce?: number;
  /** Makes sure that the bytes of erased events are gone. */
  readonly afterErase?: () => Promise<void>;
}

/** Creates a store from an engine. */
export function sqlStore<Tx>(engine: SqlEngine<Tx>): InboxStore<Tx> {
  const { read, write } = engine;
  return {
    durability: engine.durability,
    get place() {
      return engine.place;
    },
    open: () => engine.open(),
    close: () => engine.close(),
    transact: (lease, work) => engine.transact(lease, work),
    accept: engine.accept ?? ((event) => write(accept(event))),
    reject: (event, cap) => write(reject(event, cap)),
    claim: (request) => write(claim(request)),
    correctDueTimes: (source) => write(correctDueTimes(source)),
    renew: (lease, leaseMs) => write(renew(lease, leaseMs)),
    settle: (lease, settlement) => write(settle(lease, settlement)),
    newestDone: (orderKey) => read(newestDone(orderKey)),
    get: (key) => read(get(key)),
    list: (query) => listAll(engine, query),
    overdue: (query) => read(overdue(query)),
    dueInMs: (key) => read(dueInMs(key)),
    redrive: (keys, force) => redriveAll(engine, keys, force),
    erase: (keys) => eraseAll(engine, keys),
    pause: (source, name) => write(pause(source, name)),
    resume: (source, name) => write(resume(source, name)),
    stats: (source) => read(stats(source)),
    timeline: (query) => timelineOf(engine, query),
    prune: (request) => pruneAll(engine, request),
    unindexed: (source, limit) => read(unindexed(source, limit)),
    index: (entries) => write(index(entries)),
  };
}

/** Counts in steps where a statement blocks the process. */
async function timelineOf<Tx>({ read, turn }: SqlEngine<Tx>, query: TimelineQuery): Promise<readonly TimelineBucket[]> {
  const range = await read(timelineRange(query));
  const buckets = new Map<number, TimelineBucket>();
  for (const step of turn === undefined ? [range] : cut(range)) {
    for (const bucket of await read(timeline(query, step)))
      buckets.set(bucket.atMs, sumOf(bucket, buckets.get(bucket.atMs)));
    await turn?.();
  }
  return [...buckets.values()].sort((one, other) => one.atMs - other.atMs);
}

/** Redrives in steps, each in a transaction of its own. */
async function redriveAll<Tx>(
  { write, eventsAtOnce = Number.POSITIVE_INFINITY }: SqlEngine<Tx>,
  keys: readonly string[],
  force: boolean,
): Promise<readonly Redriven[]> {
  const redriven: Redriven[] = [];
  for (let at = 0; at < keys.length; at += eventsAtOnce)
    redriven.push(...(await write(redrive(keys.slice(at, at + eventsAtOnce), force))));
  return redriven;
}

/** Erases in steps, each in a transaction of its own. */
async function eraseAll<Tx>(
  { read, write, afterErase, eventsAtOnce = Number.POSITIVE_INFINITY }: SqlEngine<Tx>,
  keys: readonly string[],
): Promise<number> {
  let erased = 0;
  for (const step of await read(eraseSteps(keys, eventsAtOnce))) erased += await write(eraseStep(step));
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
