import type { ClaimRequest } from "../../ports/claims.ts";
import type { OverdueEvent } from "../../ports/queries.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";

/** A stored event in memory. */
export type Row = { -readonly [Field in keyof StoredEvent]: StoredEvent[Field] } & {
  /** The token of its claim; null when it is not claimed. */
  token: string | null;
  /** Tells the current entry in the due queue from outdated ones. */
  ticket: number;
};

/** Whether a request may claim the row. */
export function isClaimable(
  row: Row | undefined,
  { source, exclude, which, key }: ClaimRequest,
  now: number,
): row is Row {
  return (
    row !== undefined &&
    row.source === source &&
    row.dueAtMs !== null &&
    row.dueAtMs <= now &&
    (which === "any" || key !== null || (which === "abandoned") === (row.state === "processing")) &&
    !exclude.includes(row.key)
  );
}

/** Whether one event comes before another in the list of overdue events. */
export function isLongerDue(one: OverdueEvent, other: OverdueEvent): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.key < other.key);
}

/** Returns a copy, so that later changes of the row do not affect it, nor the other way round. */
export function storedOf({ token: _, ticket: __, ...row }: Row): StoredEvent {
  return { ...row, body: row.body?.slice() ?? null };
}
