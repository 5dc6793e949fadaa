import { sha256 } from "../src/event/digest.ts";

/**
 * The tables of version 1, with events in every state: a store as the release before had it. `seq`s have a gap, as after a rejected body that was deleted.
 */
export const VERSION_1_TABLES = [
  `CREATE TABLE popp_inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, source TEXT NOT NULL, event_id TEXT, name TEXT NOT NULL, hash TEXT NOT NULL,
    state TEXT NOT NULL, token TEXT, fence INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER, received_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL,
    duplicates INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0, conflict_hash TEXT,
    order_key TEXT, order_at INTEGER, note TEXT, headers TEXT, body BLOB)`,
  "CREATE INDEX popp_inbox_due ON popp_inbox (source, due_at, seq) WHERE due_at IS NOT NULL",
  "CREATE INDEX popp_inbox_state ON popp_inbox (source, state, seq)",
  "CREATE INDEX popp_inbox_order ON popp_inbox (order_key, order_at) WHERE order_key IS NOT NULL",
  "CREATE INDEX popp_inbox_kept ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NOT NULL",
  "CREATE INDEX popp_inbox_tombs ON popp_inbox (source, updated_at) WHERE due_at IS NULL AND body IS NULL",
  "CREATE TABLE popp_inbox_schema (version INTEGER PRIMARY KEY)",
  "INSERT INTO popp_inbox_schema (version) VALUES (1)",
] as const;

/** The times of each event: an hour ago, so that nothing is old enough to be pruned. */
export const VERSION_1_TIMES = {
  receivedAtMs: Date.now() - 3_600_000,
  updatedAtMs: Date.now() - 3_500_000,
  lastSeenAtMs: Date.now() - 3_400_000,
};

/** One event of each state, by state, and one that is done and has no body any more. */
export const VERSION_1_EVENTS: readonly (readonly [
  seq: number,
  state: string,
  dueAtMs: number | null,
  body: boolean,
])[] = [
  [1, "received", 1_000, true],
  [2, "processing", 2_000, true],
  [3, "retry", 3_000, true],
  [5, "done", null, true],
  [6, "dead", null, true],
  [7, "rejected", null, true],
  [9, "done", null, false],
];

/** The key of an event of version 1. */
export const keyOfVersion1 = (seq: number) => seq.toString(16).padStart(32, "0");

/** The body of an event of version 1. */
export function bodyOfVersion1(seq: number): string {
  const data = { recordId: `conv_${seq}`, organizationId: "org_1" };
  return JSON.stringify({ event: "CONVERSATION_STARTED", eventId: `evt_${seq}`, data });
}

const HASHES = new Map(
  await Promise.all(VERSION_1_EVENTS.map(async ([seq]) => [seq, await sha256(bodyOfVersion1(seq))] as const)),
);

/** The hash of that body. */
export function hashOfVersion1(seq: number): string {
  return HASHES.get(seq) ?? "";
}

/** The statements that store the events, in the SQL of SQLite. */
export const VERSION_1_ROWS: readonly string[] = VERSION_1_EVENTS.map(([seq, state, dueAtMs, hasBody]) => {
  const texts = [
    keyOfVersion1(seq),
    "popp",
    `evt_${seq}`,
    state === "rejected" ? "" : "CONVERSATION_STARTED",
    hashOfVersion1(seq),
    state,
  ];
  const [headers, bytes] = hasBody ? ["'{}'", `CAST('${bodyOfVersion1(seq)}' AS BLOB)`] : ["NULL", "NULL"];
  const note = state === "dead" ? "'Error: down'" : "NULL";
  return `INSERT INTO popp_inbox (seq, key, source, event_id, name, hash, state, note, fence, attempts, due_at, received_at, updated_at,
      last_seen_at, duplicates, conflicts, conflict_hash, order_key, order_at, token, headers, body)
    VALUES (${seq}, ${texts.map((text) => `'${text}'`).join(", ")}, ${note}, 4, 3, ${dueAtMs}, ${Object.values(VERSION_1_TIMES).join(", ")}, 2, 1, '${"1".repeat(64)}',
      NULL, NULL, ${state === "processing" ? "'token'" : "NULL"}, ${headers}, ${bytes})`;
});

/** An accept of version 1. */
export const VERSION_1_ACCEPT = `INSERT INTO popp_inbox (key, source, name, hash, state, received_at, updated_at, last_seen_at)
  VALUES ('x', 'popp', 'X', 'x', 'received', 1, 1, 1)`;
