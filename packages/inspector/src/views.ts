import type { HistoryEntry } from "@popp-webhooks/inbox";
import { type Content, contentOf } from "./contents.ts";
import type { InspectorRecord } from "./inspector-options.ts";
import { lastErrorOf, MASK, maskContent, maskHistory, maskNote } from "./mask.ts";

/** How much of a text a row has, in UTF-16 code units. */
const PREVIEW = 300;

/** A longer key fits no address, so its event cannot be opened. */
const LONGEST_KEY = 500;

/** One row of the list, as the page gets it. */
export interface Row {
  /** Empty where the event cannot be opened: it is erased, or its key is too long. */
  readonly key: string;
  readonly id: string | null;
  readonly name: string;
  readonly recordId: string | null;
  readonly state: string;
  readonly note: string | null;
  readonly attempts: number;
  readonly duplicates: number;
  readonly receivedAt: number;
  readonly dueAt: number | null;
  readonly error: string | null;
  readonly cursor: string;
}

/** One event, as the page gets it. */
export interface Detail extends Row {
  readonly hash: string;
  readonly crashes: number;
  readonly conflicts: number;
  readonly updatedAt: number;
  readonly lastSeenAt: number;
  readonly hasBody: boolean;
  readonly isMasked: boolean;
  readonly body: Content | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly history: readonly HistoryEntry[];
}

/** Makes a row of the list. Long texts are cut: the list shows only their beginning. */
export function rowOf(record: InspectorRecord, isMasked: boolean): Row {
  const { idempotencyKey: key, id, name, recordId, state, attempts, duplicates, cursor } = record;
  const error = lastErrorOf({ history: isMasked ? maskHistory(record.history) : record.history });
  const note = isMasked ? maskNote(record.note) : record.note;
  return {
    ...{ key: key.length > LONGEST_KEY ? "" : key, state, attempts, duplicates, cursor },
    ...{ id: cut(id), name: cut(name), recordId: cut(recordId), note: cut(note) },
    error: error === null ? null : cut(`${error.name}: ${error.message}`),
    receivedAt: record.receivedAt.getTime(),
    dueAt: record.dueAt?.getTime() ?? null,
  };
}

/** Makes the detail of an event. */
export function detailOf(record: InspectorRecord, isMasked: boolean): Detail {
  const { id, name, recordId, hash, crashes, conflicts, hasBody, body, headers } = record;
  return {
    ...rowOf(record, isMasked),
    ...{ key: record.idempotencyKey, id, name, recordId, hash, crashes, conflicts, hasBody, isMasked },
    note: isMasked ? maskNote(record.note) : record.note,
    updatedAt: record.updatedAt.getTime(),
    lastSeenAt: record.lastSeenAt.getTime(),
    body: body === null ? null : isMasked ? maskContent(body) : contentOf(body),
    headers: isMasked ? Object.fromEntries(Object.keys(headers).map((header) => [header, MASK])) : headers,
    history: isMasked ? maskHistory(record.history) : record.history,
  };
}

function cut<Text extends string | null>(text: Text): Text {
  return (text === null || text.length <= PREVIEW ? text : `${text.slice(0, PREVIEW)}…`) as Text;
}
