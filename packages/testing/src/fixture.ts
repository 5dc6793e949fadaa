import { events, type PoppEventName, type PoppEventOf } from "@popp-webhooks/core";
import { FIELD_VALUES } from "./field-values.ts";

/** The names of all events in the catalogue, in its order. */
export const eventNames: readonly PoppEventName[] = Object.keys(events).filter(isEventName);

/** What to change in a fixture: fields of the envelope, and of the data field by field. */
export interface FixtureOverrides<Name extends PoppEventName> {
  /** The event's id. Default: `evt_` and the event's name in lower case, so the same each time. */
  readonly eventId?: string;
  /** When it happened. Default: `2026-11-23T10:15:00.000Z`. */
  readonly eventTimestamp?: string;
  /** Fields of the data to replace; whole fields, nothing is merged inside them. */
  readonly data?: Partial<PoppEventOf<Name>["data"]>;
}

/**
 * Makes an event that has every documented field, with realistic values, the same each time.
 *
 * It is made by walking the catalogue's schema, so it has exactly the fields that the types have.
 *
 * @param name - the event's name
 * @param overrides - what to change
 * @throws TypeError when there is no event of that name
 *
 * @example
 * ```ts
 * import { fixture } from "@popp-webhooks/testing";
 *
 * export const event = fixture("CONVERSATION_COMPLETED", { data: { conversationStatus: "CLOSED" } });
 * ```
 */
export function fixture<Name extends PoppEventName>(
  name: Name,
  overrides: FixtureOverrides<Name> = {},
): PoppEventOf<Name> {
  if (!isEventName(name))
    throw new TypeError(`No event in the catalogue is called ${JSON.stringify(name)}: \`eventNames\` has all of them.`);
  const id = name.toLowerCase();
  const example = exampleOf(events[name] as SchemaParts, "");
  const event: unknown = {
    event: name,
    eventId: overrides.eventId ?? `evt_${id}`,
    eventTimestamp: overrides.eventTimestamp ?? "2026-11-23T10:15:00.000Z",
    data: { ...Object(example), recordId: `rec_${id}`, ...overrides.data },
  };
  // The join: the example was made from the schema of this name.
  return event as PoppEventOf<Name>;
}

function isEventName(name: string): name is PoppEventName {
  return Object.hasOwn(events, name);
}

/** Valibot's schemas are plain data; these are the parts that a catalogue's schema is made of. */
interface SchemaParts {
  readonly type: string;
  readonly wrapped?: SchemaParts;
  readonly item?: SchemaParts;
  readonly entries?: Readonly<Record<string, SchemaParts>>;
}

function exampleOf({ type, wrapped, item, entries }: SchemaParts, field: string): unknown {
  if (wrapped) return exampleOf(wrapped, field);
  if (item) return [exampleOf(item, field)];
  if (entries)
    return Object.fromEntries(Object.entries(entries).map(([name, schema]) => [name, exampleOf(schema, name)]));
  return FIELD_VALUES[field] ?? DEFAULTS[type] ?? null;
}

/** For a field that is new in the catalogue and has no realistic value yet. */
const DEFAULTS: Readonly<Record<string, unknown>> = { string: "text", number: 1, boolean: true };
