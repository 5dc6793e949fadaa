import type { InboxStore } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { describe, expect, it } from "vitest";
import { storeCases } from "./index.ts";

/** A correct store with some methods replaced. */
function withMethods(store: InboxStore, wrong: Partial<InboxStore>): InboxStore {
  return new Proxy(store, {
    get: (right, name) => {
      const method: unknown = Reflect.get(wrong, name) ?? Reflect.get(right, name, right);
      return typeof method === "function" ? method.bind(right) : method;
    },
  });
}

/** Common mistakes in stores. Each mutant makes one of them. */
const mutants: Readonly<Record<string, () => InboxStore>> = {
  "ignores the hash of a repeated delivery": () => {
    const store = memoryStore();
    const known = new Set<string>();
    return withMethods(store, {
      accept: async (event) => {
        if (known.has(event.key)) return { outcome: "duplicate", state: "received" };
        known.add(event.key);
        return store.accept(event);
      },
    });
  },
  "reads before it writes without a lock": () => {
    const store = memoryStore();
    return withMethods(store, {
      accept: async (event) => {
        const stored = await store.get(event.key);
        await new Promise((resolve) => setTimeout(resolve, 1));
        const result = await store.accept(event);
        return stored === undefined ? { outcome: "accepted", state: "received" } : result;
      },
    });
  },
  "does not check the claim's token": () => {
    const store = memoryStore();
    const tokens = new Map<string, string>();
    const latest = ({ key, token }: { readonly key: string; readonly token: string }) => ({
      key,
      token: tokens.get(key) ?? token,
    });
    return withMethods(store, {
      claim: async (request) => {
        const claimed = await store.claim(request);
        for (const { key } of claimed) tokens.set(key, request.token);
        return claimed;
      },
      renew: (lease, leaseMs) => store.renew(latest(lease), leaseMs),
      settle: (lease, settlement) => store.settle(latest(lease), settlement),
    });
  },
  "uses the application's clock": () => memoryStore({ now: () => Date.now() }),
  "acknowledges before it writes": () => {
    const store = memoryStore();
    return withMethods(store, {
      accept: async (event) => {
        setTimeout(() => void store.accept(event), 1);
        return { outcome: "accepted", state: "received" };
      },
    });
  },
  "decodes bodies to text": () => {
    const store = memoryStore();
    const decoded = (body: Uint8Array) => new TextEncoder().encode(new TextDecoder().decode(body));
    return withMethods(store, { accept: (event) => store.accept({ ...event, body: decoded(event.body) }) });
  },
  "corrects due times of events that wait for a retry": () => {
    let isEarly = false;
    const store = memoryStore({ now: () => Date.now() + (isEarly ? 3_600_000 : 0) });
    return withMethods(store, {
      correctDueTimes: async () => {
        isEarly = true;
        return 0;
      },
    });
  },
  "counts no crashes": () => {
    const store = memoryStore();
    return withMethods(store, { claim: (request) => store.claim({ ...request, maxCrashes: Number.MAX_SAFE_INTEGER }) });
  },
  "ignores order keys": () => {
    const store = memoryStore();
    return withMethods(store, { accept: (event) => store.accept({ ...event, orderKey: null }) });
  },
  "keeps the hash of an erased body": () => {
    const [store, hashes] = [memoryStore(), new Map<string, string>()];
    return withMethods(store, {
      accept: async (event) => {
        const first = hashes.get(event.key) ?? event.hash;
        hashes.set(event.key, first);
        const accepted = await store.accept(event);
        return accepted.outcome === "duplicate" && first !== event.hash
          ? { ...accepted, outcome: "conflict" }
          : accepted;
      },
    });
  },
  "lists events with any of several lists of tags": () => {
    const store = memoryStore();
    return withMethods(store, {
      list: (query) => store.list({ ...query, tags: query.tags.length > 1 ? [query.tags.flat()] : query.tags }),
    });
  },
  "forgets histories when it redrives": () => {
    const store = memoryStore();
    return withMethods(store, {
      get: async (key) => {
        const stored = await store.get(key);
        return stored && { ...stored, history: stored.history?.split("\n").at(-1) ?? null };
      },
    });
  },
};

/** Returns the names of the failing cases. */
async function failuresOf(create: () => InboxStore, only?: string): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { name, needs, run } of storeCases) {
    if (needs !== undefined || (only !== undefined && name !== only)) continue;
    const store = create();
    const under = { store, connect: async () => store, close: () => store.close() };
    await run(under).catch(() => failures.push(name));
  }
  return failures;
}

describe("the conformance suite for stores", () => {
  it("passes a correct store", async () => {
    expect(await failuresOf(memoryStore)).toEqual([]);
  });

  it.each([
    [
      "ignores the hash of a repeated delivery",
      "reports a delivery with different bytes as a conflict and keeps the first bytes",
    ],
    ["reads before it writes without a lock", "accepts exactly one of 1,000 concurrent deliveries of the same event"],
    ["does not check the claim's token", "only the current lease holder can settle and renew"],
    ["uses the application's clock", "uses the store's clock, not the caller's"],
    ["acknowledges before it writes", "an accepted event is visible to every connection at once"],
    ["decodes bodies to text", "returns the body and the fields unchanged"],
    [
      "corrects due times of events that wait for a retry",
      "an event that waits for its retry goes on waiting when due times are corrected",
    ],
    ["counts no crashes", "an event whose claims crashed too often becomes dead"],
    ["ignores order keys", "claims one event of an order key at a time"],
    ["keeps the hash of an erased body", "erases everything that tells of a person, and keeps what detects duplicates"],
    ["lists events with any of several lists of tags", "lists by tags: all lists must hold, one tag of each is enough"],
    ["forgets histories when it redrives", "adds a line for a redrive, and one for the success before it"],
  ])("fails a store that %s", async (mutant, found) => {
    const create = mutants[mutant];
    if (create === undefined) throw new Error(`no such mutant: ${mutant}`);
    expect(await failuresOf(create, found)).toEqual([found]);
  });
});
