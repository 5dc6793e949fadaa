import { EVENT_STATES, type EventState } from "../../ports/event-state.ts";

/** One row for each source and name, with a column for each state. */
const COLUMNS = `source, name, ${EVENT_STATES.join(", ")}`;

/** Inserts counts, or adds them to those that are there. @param select - the values, in the order of the columns, and where they come from */
function addCounts(select: string): string {
  const added = EVENT_STATES.map((state) => `${state} = ${state} + excluded.${state}`).join(", ");
  return `INSERT INTO popp_inbox_count (${COLUMNS}) ${select} ON CONFLICT (source, name) DO UPDATE SET ${added}`;
}

const each = (gain: (state: EventState) => string) => EVENT_STATES.map(gain).join(", ");

/** Counts an event that was just stored, if it was. */
export const COUNT_ONE: string = addCounts(
  `SELECT source, name, ${each((state) => `state = '${state}'`)} FROM popp_inbox_event WHERE key = :key AND duplicates = 0`,
);

/** Counts `:n` new events of one name and state. */
export const COUNT_NEW: string = addCounts(
  `SELECT :source, :name, ${each((state) => `:n * (:state = '${state}')`)} WHERE TRUE`,
);

/** Counts the events of a query. @param from - what follows `FROM` */
export function countAll(from: string): string {
  return addCounts(
    `SELECT source, name, ${each((state) => `SUM(state = '${state}')`)} FROM ${from} GROUP BY source, name`,
  );
}

/** Changes the counts of an event's name, for a trigger. */
export function changeCounts(row: "OLD" | "NEW", gain: (state: EventState) => string): string {
  return `UPDATE popp_inbox_count SET ${each((state) => `${state} = ${state} + ${gain(state)}`)}
    WHERE source = ${row}.source AND name = ${row}.name;`;
}
