import type { InboxStore } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { describe, expect, it } from "vitest";
import { storeCases } from "./index.ts";

/** A store that is right but for some methods. */
function but(store: InboxStore, wrong: Partial<InboxStore>): InboxStore {
  return new Proxy(store, {
    get: (right, name) => {
      const method: unknown = Reflect.get(wrong, name) ?? Reflect.get(right, name, right);
      return typeof method === "function" ? method.bind(right) : method;
    },
  });
}

/** The mistakes that people make in stores, each in a store that makes no other. */
const mutants: Readonly<Record<string, () => InboxStore>> = {
  "only sets what is absent": () => {
    const store = memoryStore();
    const known = new Set<string>();
    return but(store, {
      accept: async (event) => {
        if (known.has(event.key)) return { outcome: "duplicate", state: "received" };
        known.add(event.key);
        return store.accept(event);
      },
    });
  },
  "looks before it writes": () => {
    const store = memoryStore();
    return but(store, {
      accept: async (event) => {
        const stored = await store.get(event.key);
        await new Promise((resolve) => setTimeout(resolve, 1));
        const result = await store.accept(event);
        return stored === undefined ? { outcome: "accepted", state: "received" } : result;
      },
    });
  },
  "asks for no token": () => {
    const store = memoryStore();
    const tokens = new Map<string, string>();
    const latest = ({ key, token }: { readonly key: string; readonly token: string }) => ({
      key,
      token: tokens.get(key) ?? token,
    });
    return but(store, {
      claim: async (request) => {
        const claimed = await store.claim(request);
        for (const { key } of claimed) tokens.set(key, request.token);
        return claimed;
      },
      renew: (lease, leaseMs) => store.renew(latest(lease), leaseMs),
      settle: (lease, settlement) => store.settle(latest(lease), settlement),
    });
  },
  "goes by the application's clock": () => memoryStore({ now: () => Date.now() }),
  "acknowledges first, and writes then": () => {
    const store = memoryStore();
    return but(store, {
      accept: async (event) => {
        setTimeout(() => void store.accept(event), 1);
        return { outcome: "accepted", state: "received" };
      },
    });
  },
  "decodes bodies": () => {
    const store = memoryStore();
    const decoded = (body: Uint8Array) => new TextEncoder().encode(new TextDecoder().decode(body));
    return but(store, { accept: (event) => store.accept({ ...event, body: decoded(event.body) }) });
  },
  "counts no crashes": () => {
    const store = memoryStore();
    return but(store, { claim: (request) => store.claim({ ...request, maxCrashes: Number.MAX_SAFE_INTEGER }) });
  },
  "lets a claim take what another of its order holds": () => {
    const store = memoryStore();
    return but(store, { accept: (event) => store.accept({ ...event, orderKey: null }) });
  },
  "keeps the hash of an erased body": () => {
    const [store, hashes] = [memoryStore(), new Map<string, string>()];
    return but(store, {
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
  "lists with any of several lists of tags": () => {
    const store = memoryStore();
    return but(store, {
      list: (query) => store.list({ ...query, tags: query.tags.length > 1 ? [query.tags.flat()] : query.tags }),
    });
  },
  "forgets histories when it redrives": () => {
    const store = memoryStore();
    return but(store, {
      get: async (key) => {
        const stored = await store.get(key);
        return stored && { ...stored, history: stored.history?.split("\n").at(-1) ?? null };
      },
    });
  },
};

/** The names of the cases that fail, of all or of one. */
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
  it("finds nothing wrong with a store that is right", async () => {
    expect(await failuresOf(memoryStore)).toEqual([]);
  });

  it.each([
    ["only sets what is absent", "tells a delivery with other bytes, and keeps the first ones"],
    ["looks before it writes", "accepts one of 1,000 concurrent deliveries of one event"],
    ["asks for no token", "lets only the holder settle and renew"],
    ["goes by the application's clock", "goes by its own clock, whatever the claimant's says"],
    ["acknowledges first, and writes then", "has an event on record for everyone once it is accepted"],
    ["decodes bodies", "gives back what it was given, byte for byte"],
    ["counts no crashes", "makes an event dead whose claims ended with too many crashes"],
    ["lets a claim take what another of its order holds", "claims one event of an order key at a time"],
    ["keeps the hash of an erased body", "erases everything that tells of a person, and keeps what detects duplicates"],
    ["lists with any of several lists of tags", "lists by tags: all lists must hold, one tag of each is enough"],
    ["forgets histories when it redrives", "adds a line for a redrive, and one for the success before it"],
  ])("finds out a store that %s", async (mutant, found) => {
    const create = mutants[mutant];
    if (create === undefined) throw new Error(`no such mutant: ${mutant}`);
    expect(await failuresOf(create, found)).toEqual([found]);
  });
});
