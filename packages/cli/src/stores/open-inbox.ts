import { withTimeout } from "@popp-webhooks/core/internal";
import { CliError } from "../command-line/cli-error.ts";
import { answered } from "./answered.ts";
import { explainStore } from "./explain-store.ts";
import { inspectorClient } from "./inspector-client.ts";
import { inspectorHeaders, withoutLogin } from "./inspector-headers.ts";
import { type LocalConfig, localInbox, type Retention } from "./local-inbox.ts";
import type { OpenedStore } from "./open-sqlite.ts";
import type { OpenedInbox } from "./opened-inbox.ts";
import { remoteInbox } from "./remote-inbox.ts";
import { type StoreAddress, storeAddress } from "./store-address.ts";
import type { StoreOptions } from "./store-options.ts";

/** How an inbox is opened. */
export interface OpenOptions extends StoreOptions {
  /** How long events are kept, for `prune`. */
  readonly retention?: Retention;
  /** Told what does not end the command. */
  readonly say: (text: string) => void;
}

/**
 * Opens the inbox of a running app, to look into it and to act on it. It handles no event, creates no store, and changes no tables unless
 * `migrate` is given.
 *
 * @param store - a SQLite file, `postgres://…`, `redis://…`, or the `http(s)://…` address of a mounted inspector. Default: POPP_STORE, or the file of `dev`
 * @throws CliError with exit code 4 and a sentence with the fix
 */
export async function openInbox(store: string | undefined, options: OpenOptions): Promise<OpenedInbox> {
  const address = storeAddress(store);
  assertFitting(address, options);
  const explain = (error: unknown) => explainStore(address, error);
  if (address.kind === "inspector") {
    const headers = inspectorHeaders(address.url, options);
    return remoteInbox(inspectorClient(withoutLogin(address.url), headers, fetch, explain));
  }
  const { source, retention, say } = options;
  const opened = await openStore(address, options, { migrate: false }).catch((error: unknown) => {
    const told = explain(error);
    if (told.code !== "STORE_OLDER" || !options.migrate) throw told;
    return openStore(address, options, { migrate: true }).catch((second: unknown) => Promise.reject(explain(second)));
  });
  const config: LocalConfig = { ...opened, source, retention, explain, say };
  return localInbox(config);
}

/** How a store is opened. */
export interface StoreMode {
  readonly migrate: boolean;
  /** Refuses a server that can lose accepted events, as the store of an app does. */
  readonly isStrict?: boolean;
}

/** Drivers wait forever for a server that takes connections and then says nothing. */
const OPEN_MS = 15_000;

/** Opens a store now: its own error says more than that of the first call. */
export async function openStore(address: StoreAddress, options: StoreOptions, mode: StoreMode): Promise<OpenedStore> {
  let made: OpenedStore | undefined;
  const open = async () => {
    made = await storeAt(address, options, mode);
    await made.store.open();
    return made;
  };
  try {
    // A migration takes as long as it takes.
    return await (mode.migrate ? open() : answered(open(), OPEN_MS));
  } catch (error) {
    const left = made;
    const closing = async () => {
      await left?.store.close();
      await left?.close();
    };
    await withTimeout(closing(), CLOSE_MS, () => undefined).catch(() => {});
    throw error;
  }
}

const CLOSE_MS = 1_000;

async function storeAt(
  address: StoreAddress,
  { schema, prefix }: StoreOptions,
  { migrate, isStrict = false }: StoreMode,
): Promise<OpenedStore> {
  switch (address.kind) {
    case "postgres": {
      const { connectPostgres } = await import("./connect-postgres.ts");
      const { postgresStore } = await import("@popp-webhooks/inbox/postgres");
      const { client, close } = await connectPostgres(address.url);
      const options = { migrate, allowUnsafeCommit: !isStrict, ...(schema !== undefined && { schema }) };
      return { store: postgresStore(client, options), close };
    }
    case "redis": {
      const { connectRedis } = await import("./connect-redis.ts");
      const { redisStore } = await import("@popp-webhooks/inbox/redis");
      const { client, close } = await connectRedis(address.url);
      return {
        store: redisStore(client, { migrate, allowDataLoss: !isStrict, ...(prefix !== undefined && { prefix }) }),
        close,
      };
    }
    case "sqlite": {
      const { sqliteFile } = await import("./open-sqlite.ts");
      return sqliteFile(address.path, { migrate, from: address.from });
    }
    case "inspector":
      throw new TypeError("An inspector is no store.");
  }
}

const ONLY_FOR: Readonly<Record<string, readonly StoreAddress["kind"][]>> = {
  schema: ["postgres"],
  prefix: ["redis"],
  header: ["inspector"],
  source: ["sqlite", "postgres", "redis"],
  migrate: ["sqlite", "postgres", "redis"],
};

/** An option that does nothing would be a mistake that nobody sees. */
function assertFitting({ kind }: StoreAddress, options: StoreOptions): void {
  const wrong = Object.keys(ONLY_FOR).find(
    (option) => Reflect.get(options, option) !== undefined && !ONLY_FOR[option]?.includes(kind),
  );
  if (wrong === undefined) return;
  const kinds = ONLY_FOR[wrong]?.join(", ");
  throw new CliError(
    "usage",
    "USAGE",
    `--${wrong} is for a store of this kind: ${kinds}. The store given is of the kind ${kind}.`,
  );
}
