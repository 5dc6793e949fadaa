import type { Catalog, PoppEvents } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";
import type { ListQuery } from "../ports/queries.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { checkFilter, type ListFilter, MAX_PAGE, needsIndex, queryOf } from "./filter.ts";
import { holdsText } from "./holds-text.ts";
import { type InboxRecord, recordOf, recordWithBody } from "./record.ts";

/** One page of a list. */
export interface Page<Events extends Catalog = PoppEvents> {
  /** The events, newest first. */
  readonly records: readonly InboxRecord<Events>[];
  /** Where the next page begins: pass it as `before`. Null when there are no more events. */
  readonly next: string | null;
  /**
   * Whether every event was looked at that could match. False while events that were stored before the index are still being indexed, for filters
   * by `event`, `recordId`, `organizationId` and `about`.
   */
  readonly isComplete: boolean;
  /** With `text`: how far this page has looked. */
  readonly searched?: Searched;
}

/** How far a search has looked. */
export interface Searched {
  /** How many events were read. */
  readonly events: number;
  /** When the oldest of them was accepted; null when there was none. */
  readonly backTo: Date | null;
}

/** How many events one call to the store returns. With bodies, few: they are in memory together. */
const STEP = { plain: 500, bodies: 50 } as const;

/** How much one page with `text` reads at most. */
const SEARCH = { events: 2_000, bytes: 16_777_216 } as const;

/** Reads one page of events. */
export async function pageOf<Events extends Catalog>(config: InboxConfig, filter: ListFilter): Promise<Page<Events>> {
  checkFilter("inbox.page", filter, config.subjectFields);
  const { limit = 50, text, bodies = false } = filter;
  const size = Math.min(limit, MAX_PAGE);
  const found: InboxRecord<Events>[] = [];
  const searched = { events: 0, bytes: 0 };
  let [last, isEnd]: [StoredEvent | undefined, boolean] = [undefined, true];
  for await (const stored of listStored(config, filter, size + 1)) {
    const isSpent = text !== undefined && (searched.events >= SEARCH.events || searched.bytes >= SEARCH.bytes);
    isEnd = found.length < size && !isSpent;
    if (!isEnd) break;
    last = stored;
    searched.events++;
    searched.bytes += stored.body?.byteLength ?? 0;
    if (text === undefined || holdsText(stored, text)) found.push(await recordIn(config, stored, bodies));
  }
  const backTo = last === undefined ? null : new Date(last.receivedAtMs);
  return {
    records: found,
    next: isEnd || last === undefined ? null : String(last.seq),
    isComplete: !needsIndex(config, filter) || (await config.indexer.isComplete()),
    ...(text !== undefined && { searched: { events: searched.events, backTo } }),
  };
}

/** Lists events, newest first. */
export async function* listRecords<Events extends Catalog>(
  config: InboxConfig,
  filter: ListFilter,
): AsyncGenerator<InboxRecord<Events>> {
  checkFilter("inbox.events", filter, config.subjectFields);
  const { limit = Number.POSITIVE_INFINITY, text, bodies = false } = filter;
  let listed = 0;
  for await (const stored of listStored(config, filter, limit)) {
    if (text !== undefined && !holdsText(stored, text)) continue;
    yield await recordIn(config, stored, bodies);
    if (++listed >= limit) return;
  }
}

/** Lists the stored events of a checked filter, some at a time. A filter by text needs the bodies and is not applied here. */
export async function* listStored(
  config: InboxConfig,
  filter: ListFilter,
  atOnce: number = STEP.plain,
): AsyncGenerator<StoredEvent> {
  const query = queryOf(config, filter);
  yield* listQuery(config, { ...query, bodies: query.bodies || filter.text !== undefined }, atOnce);
}

/** Lists the stored events of a query, some at a time. */
export async function* listQuery(
  { store }: InboxConfig,
  query: Omit<ListQuery, "limit">,
  atOnce: number = STEP.plain,
): AsyncGenerator<StoredEvent> {
  const limit = Math.min(atOnce, query.bodies ? STEP.bodies : STEP.plain);
  let { beforeSeq } = query;
  for (;;) {
    const step: readonly StoredEvent[] = await store.list({ ...query, beforeSeq, limit });
    yield* step;
    const last = step.at(-1);
    if (last === undefined || step.length < limit) return;
    beforeSeq = last.seq;
  }
}

/** The record of an event in a list, with its body only where that was asked for. */
async function recordIn<Events extends Catalog>(
  { catalog }: InboxConfig,
  stored: StoredEvent,
  bodies: boolean,
): Promise<InboxRecord<Events>> {
  return bodies ? recordWithBody(catalog, stored) : recordOf(catalog, { ...stored, body: null, headers: null });
}
