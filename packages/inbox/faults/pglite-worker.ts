/** A process that stores events in a PGlite on disk and prints them, until it is killed. */
import { PGlite } from "@electric-sql/pglite";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { newEvent } from "./store-values.ts";

const store = postgresStore(new PGlite(process.argv[2]));
await store.open();
for (;;) {
  const event = newEvent({ body: new Uint8Array(2_000) });
  await store.accept(event);
  process.stdout.write(`${event.key}\n`);
}
