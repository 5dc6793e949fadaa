import type { Command } from "@commander-js/extra-typings";
import { collected } from "../command-line/parse-option.ts";

/** How a store is opened: the options of every command that needs one. */
export type StoreOptions = {
  readonly store?: string | undefined;
  readonly migrate?: true | undefined;
  readonly schema?: string | undefined;
  readonly prefix?: string | undefined;
  readonly source?: string | undefined;
  readonly header?: readonly string[] | undefined;
};

/** Adds the options of a store to a command. */
export function withStoreOptions<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & StoreOptions> {
  return command
    .option("--store <store>", "SQLite file, postgres://, redis://, or an inspector's address (or POPP_STORE)")
    .option("--schema <name>", "Postgres: the schema of the tables")
    .option("--prefix <name>", "Redis: the prefix of the keys")
    .option("--source <name>", "the inbox's source, where the app gives one")
    .option("--header <name=value>", "inspector: a header (or POPP_INSPECTOR_HEADERS)", collected(String))
    .option("--migrate", "bring the tables of an older version up to date") as unknown as Command<
    Args,
    Options & StoreOptions
  >;
}
