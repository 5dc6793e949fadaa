/** How calls of one kind are put into groups. */
export interface Grouping<Item, Result> {
  /** Identifies an item: one group never has two with the same key. Absent when a group may have them. */
  readonly keyOf?: (item: Item) => string;
  /**
   * Whether a group is what is called in the same turn, instead of what comes while another group runs: for a server on which a small group costs
   * little more than its items. Default: false.
   */
  readonly gathers?: boolean;
  /** The size of an item in bytes. */
  readonly sizeOf: (item: Item) => number;
  /** Runs one item. */
  readonly alone: (item: Item) => Promise<Result>;
  /** Runs several items in one statement. Items without a result run alone. */
  readonly together: (items: readonly Item[]) => Promise<(item: Item) => Result | undefined>;
  /** Runs an item whose group failed, or rethrows the error when that would not help. */
  readonly again: (item: Item, error: unknown) => Promise<Result>;
}

interface Call<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result | Promise<Result>) => void;
}

/** The largest group. */
const MAX_ITEMS = 64;
const MAX_BYTES = 4 * 1024 * 1024;

/** How many groups run at the same time. */
const MAX_RUNNING = 2;

/** So few items run at once. With more, the next group waits for the one that runs, and grows meanwhile, unless it is full. */
const FEW = 4;

/** After this time, in milliseconds, a group that got no answer yet holds up the next ones no more. */
const PATIENCE_MS = 1_000;

/**
 * Returns a function that runs an item at once while few run, and otherwise together with others that come meanwhile. Most of a small statement's
 * time is the way to the server and the commit, which a group needs once.
 */
export function grouped<Item, Result>(grouping: Grouping<Item, Result>): (item: Item) => Promise<Result> {
  const { keyOf, gathers = false, sizeOf, alone, together, again } = grouping;
  let waiting: Call<Item, Result>[] = [];
  let [running, items] = [0, 0];

  function mayStart(): boolean {
    if (waiting.length === 0 || running === MAX_RUNNING) return false;
    return gathers || running === 0 || waiting.length >= MAX_ITEMS || items + waiting.length <= FEW;
  }

  function start(): void {
    while (mayStart()) {
      const group = take();
      running++;
      items += group.length;
      const release = once(() => {
        running--;
        items -= group.length;
        start();
      });
      const timer = setTimeout(release, PATIENCE_MS);
      void send(group).finally(() => {
        clearTimeout(timer);
        release();
      });
    }
  }

  function take(): readonly Call<Item, Result>[] {
    const [group, rest, keys]: [Call<Item, Result>[], Call<Item, Result>[], Set<string>] = [[], [], new Set()];
    let bytes = 0;
    for (const [at, call] of waiting.entries()) {
      bytes += sizeOf(call.item);
      if (group.length === MAX_ITEMS || (group.length > 0 && bytes > MAX_BYTES)) {
        rest.push(...waiting.slice(at));
        break;
      }
      const key = keyOf?.(call.item);
      (key !== undefined && keys.has(key) ? rest : group).push(call);
      if (key !== undefined) keys.add(key);
    }
    waiting = rest;
    return group;
  }

  /** Never rejects: the callers get the errors. */
  async function send(group: readonly Call<Item, Result>[]): Promise<void> {
    const [first, ...others] = group;
    if (first === undefined) return;
    if (others.length === 0) return settle(first, alone(first.item));
    try {
      const resultOf = await together(group.map(({ item }) => item));
      for (const { item, resolve } of group) resolve(resultOf(item) ?? alone(item));
    } catch (error) {
      for (const { item, resolve } of group) resolve(again(item, error));
    }
  }

  return (item) =>
    new Promise((resolve) => {
      waiting.push({ item, resolve });
      if (!gathers) start();
      else if (waiting.length === 1) queueMicrotask(start);
    });
}

async function settle<Item, Result>({ resolve }: Call<Item, Result>, result: Promise<Result>): Promise<void> {
  resolve(result);
  await result.catch(() => {});
}

function once(run: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    run();
  };
}
