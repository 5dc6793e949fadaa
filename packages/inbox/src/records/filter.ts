import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import { nameTagOf, type Tag, tagOf, tagsOfValue } from "../event/tag.ts";
import type { InboxConfig } from "../inbox-config.ts";
import { EVENT_STATES, type EventState } from "../ports/event-state.ts";
import type { ListQuery } from "../ports/queries.ts";

/** Values that events are about: one or several, in any identifying field or in named ones. An event matches when it has one of them. */
export type About = string | readonly string[] | { readonly [field: string]: string | readonly string[] };

/** Which events to find. All conditions must hold. */
export interface EventFilter {
  /** Only events in this state. Default: all. */
  readonly state?: EventState;
  /** Only events with this name. Default: all. */
  readonly event?: string;
  /** Only events with this note, such as `unhandled`, `superseded` or `abandoned`. Default: all. */
  readonly note?: string;
  /** Only events about this record: `data.recordId`. Default: all. */
  readonly recordId?: string;
  /** Only events of this organization: `data.organizationId`. Default: all. */
  readonly organizationId?: string;
  /**
   * Only events about this value or one of these values, such as a candidate's id: in any of `identifyingFields` and of the inbox's own
   * `identifyingFields`, or in named ones (`{ candidateId: "cand_1" }`). Default: all.
   *
   * The inbox keeps hashes of the values, so that events are found after their bodies are deleted too. Your own fields share one index: naming one
   * of them finds the value in all of them.
   */
  readonly about?: About;
  /**
   * Only events whose body holds this text, whatever its case. It reads bodies, the newest first: `page` reads a bounded number of them and tells how
   * far it looked. Default: all.
   */
  readonly text?: string;
  /** Only events accepted at this time or later. Default: all. */
  readonly since?: Date;
  /** Only events accepted before this time. Default: all. */
  readonly until?: Date;
  /** Only events that come after this one in the list: a record's `cursor`, or `next` of a page. Default, and null: from the newest on. */
  readonly before?: string | null;
}

/** Which events to list, and how. */
export interface ListFilter extends EventFilter {
  /** How many events at most. Default: all for `events`, 50 for `page`. */
  readonly limit?: number;
  /** Whether the records have their bodies and headers. Default: false. */
  readonly bodies?: boolean;
}

/** The most events that one page has. */
export const MAX_PAGE = 1_000;

const isText = (value: unknown) => typeof value === "string" && value !== "";
const TEXT = { expected: "a text that is not empty", accepts: isText };
const DATE = { expected: "a valid Date", accepts: (at: unknown) => isDate(at) && !Number.isNaN(at.getTime()) };

const RULES = {
  state: {
    expected: `one of ${EVENT_STATES.join(", ")}`,
    accepts: (state: unknown) => EVENT_STATES.some((one) => one === state),
  },
  event: "string",
  note: "string",
  recordId: TEXT,
  organizationId: TEXT,
  about: {
    expected: "a text, a list of texts, or an object from field names to them",
    accepts: (about: unknown) => isValues(about) || (isPlainObject(about) && Object.values(about).every(isValues)),
  },
  text: TEXT,
  since: DATE,
  until: DATE,
  before: {
    expected: "a cursor, as records and pages have it",
    accepts: (before: unknown) => before === null || (typeof before === "string" && /^\d{1,15}$/.test(before)),
  },
  limit: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
  bodies: "boolean",
} as const;

/** Checks a filter. @throws WebhookError `CONFIG_INVALID` when a condition is not usable */
export function checkFilter(owner: string, filter: ListFilter, known: ReadonlySet<string>): void {
  checkOptions(owner, filter, RULES);
  // Ignoring a misspelled condition would erase or redrive every event.
  if (Object.keys(filter).some((condition) => !Object.hasOwn(RULES, condition)))
    throw new WebhookError(
      "CONFIG_INVALID",
      `${owner}: the filter has a condition that does not exist. Known are ${Object.keys(RULES).join(", ")}; fields of events go into \`about\`.`,
    );
  if (!isPlainObject(filter.about)) return;
  const unknown = Object.keys(filter.about).find((field) => !known.has(field) || field === "organizationId");
  if (unknown === undefined) return;
  const fields = [...known].filter((field) => field !== "organizationId").join(", ");
  throw new WebhookError(
    "CONFIG_INVALID",
    `${owner}: \`about\` names a field that is not indexed. Known are ${fields}; the option \`identifyingFields\` of createInbox adds your own.`,
  );
}

/** The store's query for a checked filter, without its text. */
export function queryOf({ source }: InboxConfig, filter: ListFilter): Omit<ListQuery, "limit"> {
  const { state = null, event: name = null, note = null, recordId, organizationId, about, since, until } = filter;
  const { before, bodies = false } = filter;
  return {
    ...{ source, state, name, note, bodies },
    nameTag: name === null ? null : nameTagOf(source, name),
    tags: [
      ...(recordId === undefined ? [] : [[tagOf(source, "recordId", recordId)]]),
      ...(organizationId === undefined ? [] : [[tagOf(source, "organizationId", organizationId)]]),
      ...(about === undefined ? [] : [tagsAbout(source, about)]),
    ],
    sinceMs: since?.getTime() ?? 0,
    untilMs: until?.getTime() ?? null,
    beforeSeq: before == null ? null : Number(before),
  };
}

/** Whether the index may be needed to find the events of a checked filter. Some stores find names by it, too. */
export function needsIndex(config: InboxConfig, filter: EventFilter): boolean {
  return filter.event !== undefined || queryOf(config, filter).tags.length > 0;
}

/** The tags of the values that a filter is about. */
function tagsAbout(source: string, about: About): readonly Tag[] {
  if (!isPlainObject(about)) return valuesOf(about).flatMap((value) => tagsOfValue(source, value));
  return Object.entries(about).flatMap(([field, values]) =>
    valuesOf(values).map((value) => tagOf(source, field, value)),
  );
}

/** The values that a filter is about, whatever their fields. */
export function valuesAbout(about: About): readonly string[] {
  return isPlainObject(about) ? Object.values(about).flatMap(valuesOf) : valuesOf(about);
}

function valuesOf(values: string | readonly string[]): readonly string[] {
  return typeof values === "string" ? [values] : values;
}

function isValues(values: unknown): values is string | readonly string[] {
  return isText(values) || (Array.isArray(values) && values.length > 0 && values.length <= 100 && values.every(isText));
}

function isPlainObject(value: unknown): value is { readonly [field: string]: string | readonly string[] } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** By its method, because another realm has a Date of its own. */
function isDate(value: unknown): value is Date {
  return typeof Reflect.get(Object(value), "getTime") === "function";
}
