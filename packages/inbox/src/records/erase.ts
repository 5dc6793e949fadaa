import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import { eventKeyOf } from "../event/event-key.ts";
import { type Tag, tagsToFollow, UNREADABLE } from "../event/tag.ts";
import type { InboxConfig } from "../inbox-config.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { checkFilter, type EventFilter, needsIndex, queryOf, valuesAbout } from "./filter.ts";
import { holdsText, holdsValue } from "./holds-text.ts";
import { listQuery, listStored } from "./page.ts";

/** What to erase. Give at least one condition. */
export interface EraseRequest extends EventFilter, EraseOptions {
  /**
   * Also erases what stands in the same events, as far as it meets the other conditions: it goes on from the ids of candidates, candidate profiles, conversations, bookings and records of
   * each event that it finds, never from ids of organizations, campaigns or workflows. Default: false.
   */
  readonly follow?: boolean;
}

/** How to erase. */
export interface EraseOptions {
  /** Changes nothing, and counts what would be erased. Default: false. */
  readonly dryRun?: boolean;
}

/** The result of an erasure. */
export interface EraseResult {
  /** How many events were erased. */
  readonly erased: number;
  /**
   * How many events nobody can read any more, so that they may be about the person, too: they were stored before the index or rejected, and their
   * bodies are deleted. They hold no body. Erase them by their ids, or let them be pruned.
   */
  readonly unreadable: number;
}

/** What says which events to erase: a place in the list does not. */
const CONDITIONS = ["state", "event", "note", "recordId", "organizationId", "about", "text", "since", "until"] as const;

/** How many events one call of the store erases. */
const STEP = 200;

/** Erases one event by its idempotency key, or all that a request finds. */
export async function eraseEvents(
  config: InboxConfig,
  which: string | EraseRequest,
  options: EraseOptions,
): Promise<EraseResult> {
  checkOptions("inbox.erase", options, { dryRun: "boolean" });
  const { store, source } = config;
  if (typeof which === "string") {
    const stored = await store.get(await eventKeyOf(source, which));
    if (stored === undefined || stored.note === "erased") return { erased: 0, unreadable: 0 };
    return { erased: options.dryRun ? 1 : await store.erase([stored.key]), unreadable: 0 };
  }
  checkOptions("inbox.erase", which, { follow: "boolean", dryRun: "boolean" });
  const { follow = false, dryRun = false, ...filter } = which;
  checkFilter("inbox.erase", filter, config.subjectFields);
  if (!CONDITIONS.some((condition) => filter[condition] !== undefined))
    throw new WebhookError("CONFIG_INVALID", "inbox.erase: give at least one condition, such as `about`.");
  // What has no index yet would be missed.
  if (needsIndex(config, filter) || follow) await config.indexer.finish();
  const keys = await keysToErase(config, filter, follow);
  const unreadable = filter.about === undefined ? 0 : await countUnreadable(config);
  return { erased: dryRun || options.dryRun ? keys.length : await eraseAll(config, keys), unreadable };
}

async function eraseAll({ store }: InboxConfig, keys: readonly string[]): Promise<number> {
  let erased = 0;
  for (let at = 0; at < keys.length; at += STEP) erased += await store.erase(keys.slice(at, at + STEP));
  return erased;
}

async function keysToErase(config: InboxConfig, filter: EventFilter, follow: boolean): Promise<readonly string[]> {
  const keys = new Set<string>();
  const seen = new Set<Tag>();
  let found: StoredEvent[] = [];
  const add = (stored: StoredEvent) => {
    if (stored.note === "erased" || keys.has(stored.key)) return;
    keys.add(stored.key);
    found.push(stored);
  };
  // What is followed must meet the other conditions, too.
  const { about, recordId: _, text, ...beside } = filter;
  for await (const stored of listStored(config, filter)) if (text === undefined || holdsText(stored, text)) add(stored);
  if (about !== undefined) for await (const stored of rejectedAbout(config, filter)) add(stored);
  while (follow && found.length > 0) {
    const tags = [...new Set(found.flatMap(({ tags }) => tagsToFollow(tags ?? [])))].filter((tag) => !seen.has(tag));
    for (const tag of tags) seen.add(tag);
    found = [];
    // Not too many tags for one statement.
    for (let at = 0; at < tags.length; at += STEP)
      for await (const stored of listTagged(config, beside, tags.slice(at, at + STEP))) add(stored);
  }
  return [...keys];
}

/** Rejected bodies have no index. They are few: the inbox keeps only the newest `maxRejected`. */
async function* rejectedAbout(config: InboxConfig, filter: EventFilter): AsyncGenerator<StoredEvent> {
  const { about = [], recordId, organizationId, text, ...rest } = filter;
  if ((filter.state ?? "rejected") !== "rejected" || filter.event) return;
  const wanted = [recordId, organizationId, text].filter((value) => value !== undefined);
  const values = valuesAbout(about);
  for await (const stored of listStored(config, { ...rest, state: "rejected", bodies: true }))
    if (values.some((value) => holdsValue(stored, value)) && wanted.every((value) => holdsText(stored, value)))
      yield stored;
}

async function countUnreadable(config: InboxConfig): Promise<number> {
  let unreadable = 0;
  for await (const { note } of listTagged(config, {}, [UNREADABLE])) if (note !== "erased") unreadable++;
  for await (const { hasBody, note } of listStored(config, { state: "rejected" }))
    if (!hasBody && note !== "erased") unreadable++;
  return unreadable;
}

function listTagged(config: InboxConfig, filter: EventFilter, tags: readonly Tag[]): AsyncGenerator<StoredEvent> {
  const query = queryOf(config, filter);
  return listQuery(config, { ...query, tags: [...query.tags, tags] });
}
