import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { InboxStore, NewEvent } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import type { Result } from "../result.ts";

/** How many events one round accepts. */
export const EVENTS = 4_000;
const IN_FLIGHT = 256;
const TARGET = 20_000;
const BODY = new Uint8Array(2_048).fill(120);

/** Measures how many events per second one process accepts on disk, and how many bare rows it could write. */
export async function accept(rounds: number): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "popp-bench-"));
  const store = sqliteStore(join(folder, "inbox.db"));
  const floor = bareTable(join(folder, "floor.db"));
  const [ours, bare]: [number[], number[]] = [[], []];
  try {
    await store.open();
    for (let round = -2; round < rounds; round++) {
      const events = Array.from({ length: EVENTS }, () => newEvent());
      const accepted = await perSecond(() => acceptAll(store, events));
      const written = await perSecond(() => floor.write(events));
      if (round < 0) continue;
      ours.push(accepted);
      bare.push(written);
    }
  } finally {
    await store.close();
    floor.close();
    rmSync(folder, { recursive: true });
  }
  const [median, floorMedian] = [middle(ours), middle(bare)];
  return [
    {
      what: "SQLite, synchronous=FULL: events accepted per second, 2 KB",
      against: "",
      measured: Math.round(median).toLocaleString("en"),
      spread: [ours[ours.length >> 2], ours[Math.floor(ours.length * 0.75)]]
        .map((value) => Math.round(value ?? 0).toLocaleString("en"))
        .join("–"),
      target: `≥ ${TARGET.toLocaleString("en")}`,
      met: median >= TARGET,
    },
    {
      what: "SQLite, synchronous=FULL: events accepted per second, 2 KB",
      against: "bare INSERTs, as many to a commit",
      measured: (median / floorMedian).toFixed(2),
    },
  ];
}

let made = 0;

/** Creates an event of 2 kB that no store has. */
export function newEvent(): NewEvent {
  const eventId = `evt_${made++}`;
  const hash = createHash("sha256").update(eventId).digest("hex");
  const nothing = { orderKey: null, orderAtMs: null, deadReason: null, source: "popp", name: "ANALYSIS_CREATED" };
  // Three ids and an organization, as a Popp event has.
  const about = { recordId: eventId, tags: [made * 64, made * 128 + 1, made * 256 + 2, 14], nameTag: 15 };
  return { ...nothing, ...about, key: hash.slice(0, 32), eventId, hash, body: BODY, headers: "{}" };
}

/** Accepts events, many at a time. */
export async function acceptAll<Tx>(store: InboxStore<Tx>, events: readonly NewEvent[]): Promise<void> {
  const waiting = events.values();
  const lane = async () => {
    for (const event of waiting) await store.accept(event);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** The floor: a plain table that stores the same bytes with the same durability. */
function bareTable(path: string): { write(events: readonly NewEvent[]): Promise<void>; close(): void } {
  const database = new DatabaseSync(path);
  database.exec(
    "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (key TEXT PRIMARY KEY, body BLOB)",
  );
  const insert = database.prepare("INSERT INTO events (key, body) VALUES (?, ?)");
  return {
    write: async (events) => {
      for (let at = 0; at < events.length; at += IN_FLIGHT) {
        database.exec("BEGIN IMMEDIATE");
        for (const { key, body } of events.slice(at, at + IN_FLIGHT)) insert.run(key, body);
        database.exec("COMMIT");
      }
    },
    close: () => database.close(),
  };
}

/** How many events of a round are accepted in a second. */
export async function perSecond(work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (EVENTS * 1_000) / (performance.now() - startedAtMs);
}

function middle(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
