/**
 * What became of a delivery that is answered with 200.
 *
 * - `accepted`: an inbox has it on record and will handle it
 * - `handled`: its handler has run
 * - `unhandled`: genuine, but there is no handler for it
 * - `duplicate`: this event is finished or on record already
 */
export interface Outcome {
  /** Which of the four it was. */
  readonly status: "accepted" | "handled" | "unhandled" | "duplicate";
  /** True when the same `eventId` came with other bytes than the first time; the first ones count. */
  readonly conflict?: true;
}
