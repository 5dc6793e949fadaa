import { createInbox, type DurableInbox, type HistoryEntry } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";

const { POPP_DB } = process.env;
if (POPP_DB === undefined) throw new Error("Set POPP_DB to the path of the inbox's SQLite file.");

const [command = "", value = "", ...flags] = process.argv.slice(2);

/** What the desk can answer, by the word to type. */
const ANSWERS: Readonly<Record<string, (inbox: DurableInbox) => Promise<void>>> = {
  async about(inbox) {
    for await (const { receivedAt, name, idempotencyKey, state, note, history } of inbox.events({ about: value })) {
      console.log(
        `${receivedAt.toISOString()} ${name} (${idempotencyKey}): ${state}${note === null ? "" : `, ${note}`}`,
      );
      for (const entry of history) console.log(`  ${inWords(entry)}`);
    }
    const { values } = await inbox.related(value);
    console.log(`In the same events: ${values.map((one) => `${one.field} ${one.value}`).join(", ") || "nothing"}`);
  },

  async show(inbox) {
    const record = await inbox.get(value);
    // Parsed by today's catalog; throws with the reason when the event does not fit it.
    console.log(record === undefined ? "Not on record." : JSON.stringify(record.event(), null, 2));
  },

  async failed(inbox) {
    const { records, next } = await inbox.page({ state: "dead", limit: 20 });
    for (const { idempotencyKey, name, recordId, note } of records)
      console.log(`${idempotencyKey} ${name} about ${recordId ?? "?"}: ${note}`);
    console.log(records.length === 0 ? "Nothing is dead." : next === null ? "That is all." : "There are more.");
  },

  async again(inbox) {
    const { redriven, refused } = await inbox.redrive(value, { force: flags.includes("--force") });
    console.log(redriven === 1 ? "It is due now." : `Not redriven: ${refused}.`);
  },

  async "catch-up"(inbox) {
    const { redriven } = await inbox.redrive({ state: "done", note: "unhandled", event: value });
    console.log(`${redriven} events are due now.`);
  },

  async pause(inbox) {
    await inbox.pause(value);
    console.log(`Paused: ${(await inbox.stats()).paused.join(", ")}`);
  },

  async resume(inbox) {
    await inbox.resume(value);
    console.log(`Paused: ${(await inbox.stats()).paused.join(", ") || "nothing"}`);
  },

  async today(inbox) {
    const { isReady, problem } = await inbox.health();
    if (!isReady) return console.log(problem);
    for (const { at, received, done, dead, duplicates } of await inbox.timeline())
      if (received > 0)
        console.log(`${at.toISOString()}: ${received} came, ${done} done, ${dead} dead, ${duplicates} delivered again`);
    const { counts, oldestDueMs } = await inbox.stats();
    console.log(`${counts.received + counts.retry} wait, the longest for ${Math.round(oldestDueMs / 1_000)} s`);
  },

  async forget(inbox) {
    const dryRun = !flags.includes("--yes");
    const { erased, unreadable } = await inbox.erase({ about: value, follow: true, dryRun });
    console.log(`${erased} events ${dryRun ? "would be" : "were"} erased, ${unreadable} cannot be read.`);
  },
};

function inWords(entry: HistoryEntry): string {
  if (entry.kind !== "attempt") return `${entry.kind} at ${entry.at.toISOString()}`;
  const { number, outcome, durationMs, error } = entry;
  const took = durationMs === null ? "" : ` after ${durationMs} ms`;
  return `attempt ${number}: ${outcome}${took}${error ? `: ${error.name}: ${error.message}` : ""}`;
}

const answer = ANSWERS[command];
if (answer === undefined) throw new Error(`Type one of: ${Object.keys(ANSWERS).join(", ")}.`);
// The app migrates its store itself; a tool must not.
await using inbox = createInbox({ store: sqliteStore(POPP_DB, { migrate: false }), on: "elsewhere" });
await answer(inbox);
