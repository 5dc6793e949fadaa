/**
 * The conformance suite for inbox stores: what every store must get right, against the real engine.
 *
 * @packageDocumentation
 */
import { describe, it } from "vitest";
import type { StoreUnderTest } from "./store-case.ts";
import { storeCases } from "./store-cases.ts";

export type { Marks, StoreCase, StoreUnderTest } from "./store-case.ts";
export { storeCases } from "./store-cases.ts";

/** What {@link describeStore} may be told. */
export interface DescribeStoreOptions {
  /** Cases that the engine makes impossible, by name, each with the reason; it stands in the test's name. */
  readonly impossible?: Readonly<Record<string, string>>;
  /** How long a case may take, in milliseconds. Default: 60 000. */
  readonly caseTimeoutMs?: number;
}

/**
 * Declares the conformance suite for one store.
 *
 * @param name - the engine, and the client it is used through
 * @param create - opens an empty store; called once for each case, and closed after it
 * @param options - what the engine makes impossible
 *
 * @example
 * ```ts
 * import { memoryStore } from "@popp-webhooks/inbox/memory";
 * import { describeStore } from "@popp-webhooks/testing/store";
 *
 * describeStore("memory", async () => {
 *   const store = memoryStore();
 *   return { store, connect: async () => store, close: () => store.close() };
 * });
 * ```
 */
export function describeStore<Tx>(
  name: string,
  create: () => Promise<StoreUnderTest<Tx>>,
  options: DescribeStoreOptions = {},
): void {
  const { impossible = {}, caseTimeoutMs = 60_000 } = options;
  const unknown = Object.keys(impossible).filter((title) => !storeCases.some((one) => one.name === title));
  if (unknown.length > 0)
    throw new Error(`describeStore: there is no case ${unknown.map((title) => JSON.stringify(title)).join(", ")}.`);

  describe(`${name}: the conformance suite for stores`, () => {
    for (const one of storeCases) {
      const reason = impossible[one.name];
      if (reason === undefined) it(one.name, ({ skip }) => runStoreCase(one, create, skip), caseTimeoutMs);
      else it(`${one.name} (not here: ${reason})`, ({ skip }) => skip(reason));
    }
  });
}

async function runStoreCase<Tx>(
  one: (typeof storeCases)[number],
  create: () => Promise<StoreUnderTest<Tx>>,
  skip: (reason: string) => void,
): Promise<void> {
  const under = await create();
  try {
    await under.store.open();
    if (one.needs !== undefined && under[one.needs] === undefined) skip(`the store under test gives no ${one.needs}`);
    else await one.run(under);
  } finally {
    await under.close();
  }
}
