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
  "never ends the attempts": () => {
    const store = memoryStore();
    return withMethods(store, {
      claim: (request) => store.claim({ ...request, maxAttempts: Number.MAX_SAFE_INTEGER }),
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
    ["never ends the attempts", "an event whose last attempt was abandoned becomes dead"],
  ])("fails a store that %s", async (mutant, found) => {
    const create = mutants[mutant];
    if (create === undefined) throw new Error(`no such mutant: ${mutant}`);
    expect(await failuresOf(create, found)).toEqual([found]);
  });
});
