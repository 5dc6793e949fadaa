import type { ClaimRequest, OverdueEvent, StoredEvent } from "../../ports/store.ts";

/** An event as it is kept in memory. */
export type Row = { -readonly [Field in keyof StoredEvent]: StoredEvent[Field] } & {
  /** What its claimant must show. */
  token: string | null;
  /** Tells the time when it is due from those when it was to be due before. */
  ticket: number;
};

/** Whether a claim may have it. */
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

/** Whether one comes before another among what is overdue. */
export function isLongerDue(one: OverdueEvent, other: OverdueEvent): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.key < other.key);
}

/** A copy: what is handed out must not change, nor be changed, afterwards. */
export function storedOf({ token: _, ticket: __, ...row }: Row): StoredEvent {
  return { ...row, body: row.body?.slice() ?? null };
}
