import { WebhookError } from "@popp-webhooks/core";
import type { PostgresAdapter } from "../clients/adapter.ts";
import { timeLimit } from "../time-limit.ts";
import { untilConnected } from "../until-connected.ts";
import { checkServer } from "./check-server.ts";
import { findSchema } from "./find-schema.ts";
import { DEFAULT_SCHEMA, inSchema } from "./in-schema.ts";
import { assertUsable, inspectTables } from "./inspect-tables.ts";
import { migrate } from "./migrate.ts";
import { proveRights } from "./prove-rights.ts";

/** Which tables to use, and how. */
export interface TablesConfig {
  /** Their schema; undefined to find it. */
  readonly schema: string | undefined;
  /** Whether they may be created or changed. */
  readonly migrate: boolean;
  readonly allowUnsafeCommit: boolean;
  readonly transactionTimeoutMs: number;
  /** After what time, in milliseconds, a call looks at the server and the tables again. */
  readonly lookMs: number;
}

/** The tables of a store. */
export interface Tables {
  /** Adds their schema to the table names of a statement. */
  readonly qualified: (text: string) => string;
  /** Whether they hold any text. */
  readonly isUnicode: () => boolean;
  /**
   * Finds them, brings them up to date, and proves that the store can use them.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` or `CONFIG_INVALID`: what is wrong, and what to do
   */
  readonly open: () => Promise<void>;
  /** Looks at them and at the server again when the last look was too long ago: an operator may have changed either. Undefined when it was not. */
  readonly look: () => Promise<void> | undefined;
}

/** Creates the tables of a store. */
export function tablesOf<Tx>(adapter: PostgresAdapter<Tx>, config: TablesConfig): Tables {
  const { allowUnsafeCommit, transactionTimeoutMs, lookMs } = config;
  const isUnsafeAllowed = allowUnsafeCommit || adapter.embedded !== undefined;
  let schema = config.schema ?? DEFAULT_SCHEMA;
  let qualify = inSchema(schema);
  const qualified = (text: string) => qualify(text);
  let isUnicode = true;
  let proven: string | undefined;
  let lookedAtMs = Number.POSITIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function limited(work: (limit: ReturnType<typeof timeLimit>) => Promise<void>): Promise<void> {
    const limit = timeLimit(transactionTimeoutMs, "Postgres took too long to create the store's tables.");
    try {
      await work(limit);
    } finally {
      limit.lift();
    }
  }

  /** Trying to write is only needed when something has changed. */
  async function prove(): Promise<void> {
    const tables = await inspectTables(adapter.query, schema);
    const seen = JSON.stringify(tables);
    if (seen === proven) return;
    assertUsable(tables, isUnsafeAllowed);
    await limited((limit) => proveRights({ adapter, qualified, limit }, tables));
    proven = seen;
  }

  async function lookAgain(): Promise<void> {
    await untilConnected(async () => {
      await checkServer(adapter.query, isUnsafeAllowed);
      await prove();
    });
    lookedAtMs = performance.now();
  }

  return {
    qualified,
    isUnicode: () => isUnicode,
    open: async () => {
      const server = await checkServer(adapter.query, isUnsafeAllowed);
      if (server.readOnly !== undefined) {
        // A pool may hold connections to a server that a failover has demoted.
        adapter.replaceReadOnly().catch(() => {});
        throw new WebhookError("STORE_UNAVAILABLE", server.readOnly);
      }
      isUnicode = server.isUnicode;
      schema = config.schema ?? (await findSchema(adapter.query));
      qualify = inSchema(schema);
      await limited((limit) => migrate(adapter, { schema, qualified, migrate: config.migrate, limit }));
      await prove();
      lookedAtMs = performance.now();
    },
    look: () => {
      if (performance.now() - lookedAtMs < lookMs) return undefined;
      looking ??= lookAgain().finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}
