/**
 * The conformance suite for inbox stores. It tests a store against its real engine.
 *
 * @packageDocumentation
 */
import { describe, type TestContext } from "vitest";
import { declareCases, skipUnlessProvided } from "../declare-cases.ts";
import { storeCases } from "./cases/index.ts";
import type { StoreCase, StoreUnderTest } from "./store-case.ts";

export { storeCases } from "./cases/index.ts";
export type { SideEffects, StoreCase, StoreUnderTest } from "./store-case.ts";

/** The options of {@link describeStore}. */
export interface DescribeStoreOptions {
  /** Cases that cannot pass on this engine: the case's name and the reason. They are skipped, and the reason is part of the test's name. */
  readonly impossible?: Readonly<Record<string, string>>;
  /** How long a case may take, in milliseconds. Default: 180 000. */
  readonly caseTimeoutMs?: number;
}

/**
 * Declares the conformance suite for one store.
 *
 * @param name - the engine and its client
 * @param create - creates an empty store; called for each case, and its `close` is called when the case ends
 * @param options - cases that the engine makes impossible
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
  const { impossible = {}, caseTimeoutMs = 180_000 } = options;

  describe(`${name}: the conformance suite for stores`, () => {
    declareCases(storeCases, impossible, (one, context) => runCase(one, create, context), caseTimeoutMs);
  });
}

async function runCase<Tx>(
  one: StoreCase,
  create: () => Promise<StoreUnderTest<Tx>>,
  context: TestContext,
): Promise<void> {
  const subject = await create();
  try {
    await subject.store.open();
    skipUnlessProvided(one.needs, subject, context);
    await one.run(subject);
  } finally {
    await subject.close();
  }
}
