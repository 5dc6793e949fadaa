/**
 * The state of an event.
 *
 * - `received`: stored, never tried
 * - `processing`: claimed; a process holds a lease on it
 * - `retry`: an attempt failed or put it off, due again later
 * - `done`: handled, erased, or there was no handler for it
 * - `dead`: given up until it is redriven
 * - `rejected`: genuine, but not a JSON object, or too old; kept for audit only
 */
export type EventState = "received" | "processing" | "retry" | "done" | "dead" | "rejected";

/** Every state that this version knows. */
export const EVENT_STATES: readonly EventState[] = ["received", "processing", "retry", "done", "dead", "rejected"];

/** Reads a state from a store. One that this version does not know is passed on as it is: one such event must not hide the others of a list. */
export function parseState(value: unknown): EventState {
  return EVENT_STATES.find((known) => known === value) ?? (String(value) as EventState);
}

/** A count of 0 for each state. */
export function zeroCounts(): Record<EventState, number> {
  return { received: 0, processing: 0, retry: 0, done: 0, dead: 0, rejected: 0 };
}
