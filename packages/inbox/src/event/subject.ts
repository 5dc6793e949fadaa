import { identifyingFields } from "@popp-webhooks/core";
import type { EventIndex } from "../ports/changes.ts";
import { nameTagOf, tagOf } from "./tag.ts";

/** A field of an event's data, and its value. */
export interface Subject {
  /** The name of the field. */
  readonly field: string;
  /** The value as a text. */
  readonly value: string;
}

/** How deep in the data, and how many, so that no event costs more than a little. */
const LIMITS = { depth: 5, subjects: 64, visits: 2_000 } as const;

/**
 * Finds the values that an event is about: those of `fields`, wherever in the data they stand. Numbers count as texts; empty texts do not count.
 *
 * @param data - the data of any event, recognized or not
 */
export function subjectsOf(data: unknown, fields: ReadonlySet<string>): readonly Subject[] {
  const found = new Map<string, Subject>();
  let visits = 0;

  function visit(value: unknown, depth: number): void {
    if (typeof value !== "object" || value === null || depth > LIMITS.depth) return;
    for (const [field, inner] of Object.entries(value)) {
      if (++visits > LIMITS.visits || found.size >= LIMITS.subjects) return;
      if (fields.has(field) && (typeof inner === "string" || typeof inner === "number") && inner !== "")
        found.set(`${field}\0${inner}`, { field, value: String(inner) });
      else visit(inner, depth + 1);
    }
  }

  visit(data, 0);
  return [...found.values()];
}

/** The fields that an inbox finds events by: those of core, those of its user, and the organization. */
export function subjectFields(own: readonly string[]): ReadonlySet<string> {
  return new Set([...identifyingFields, ...own, "organizationId"]);
}

/** The index of an event. */
export function indexOf(
  { source, subjectFields: fields }: { readonly source: string; readonly subjectFields: ReadonlySet<string> },
  name: string,
  data: unknown,
): Omit<EventIndex, "key"> {
  const { recordId } = Object(data);
  return {
    recordId: typeof recordId === "string" ? recordId : null,
    tags: [...new Set(subjectsOf(data, fields).map(({ field, value }) => tagOf(source, field, value)))],
    nameTag: nameTagOf(source, name),
  };
}
