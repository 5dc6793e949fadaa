import type { EventFilter } from "@popp-webhooks/inbox";
import type { InspectorInbox, InspectorRecord } from "./inspector-options.ts";
import { lastErrorOf, maskHistory, maskNote } from "./mask.ts";

/** How many dead events are read to group them, the newest first. */
const MOST = 5_000;

/** Dead events of one name that failed for one reason. */
export interface DeadGroup {
  readonly event: string;
  readonly error: string;
  readonly count: number;
  readonly latestAt: number;
}

/** Groups dead events by name and error, the largest group first. */
export async function groupDead(
  inbox: InspectorInbox,
  filter: EventFilter,
  isMasked: boolean,
): Promise<{ readonly groups: readonly DeadGroup[]; readonly isComplete: boolean }> {
  const groups = new Map<string, { event: string; error: string; count: number; latestAt: number }>();
  let read = 0;
  for await (const record of inbox.events({ ...filter, state: "dead", limit: MOST + 1 })) {
    if (++read > MOST) break;
    const error = reasonOf(record, isMasked);
    const key = `${record.name}\0${error}`;
    const group = groups.get(key) ?? { event: record.name, error, count: 0, latestAt: record.updatedAt.getTime() };
    group.count++;
    group.latestAt = Math.max(group.latestAt, record.updatedAt.getTime());
    groups.set(key, group);
  }
  return {
    groups: [...groups.values()].sort((one, other) => other.count - one.count).slice(0, 200),
    isComplete: read <= MOST,
  };
}

/** Redrives the dead events of one group, or counts them. */
export async function redriveGroup(
  inbox: InspectorInbox,
  filter: EventFilter,
  error: string,
  { isMasked, dryRun }: { readonly isMasked: boolean; readonly dryRun: boolean },
): Promise<number> {
  const keys: string[] = [];
  for await (const record of inbox.events({ ...filter, state: "dead" }))
    if (reasonOf(record, isMasked) === error) keys.push(record.idempotencyKey);
  if (dryRun) return keys.length;
  let redriven = 0;
  for (const key of keys) redriven += (await inbox.redrive(key)).redriven;
  return redriven;
}

/** Why an event is dead, without what differs from one event to the next: numbers and ids. */
function reasonOf(record: InspectorRecord, isMasked: boolean): string {
  const error = lastErrorOf({ history: isMasked ? maskHistory(record.history) : record.history });
  const note = isMasked ? maskNote(record.note) : record.note;
  if (error === null) return note ?? "unknown";
  const message = isMasked ? (error.frame ?? "") : error.message;
  return `${error.name}: ${message}`.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[\w-]*\d[\w-]*\b/gi, "…").slice(0, 200);
}
