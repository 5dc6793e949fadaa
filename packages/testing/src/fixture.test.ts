import { assumeVerified, events, parseEvent } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { FIELD_VALUES } from "./field-values.ts";
import { eventNames, fixture } from "./fixture.ts";

describe("fixture", () => {
  it("covers the catalogue", () => {
    expect(eventNames).toEqual(Object.keys(events));
  });

  it.each(eventNames)("%s fits the model strictly, and has every field of it", (name) => {
    const event = fixture(name);
    expect(parseEvent(assumeVerified(JSON.stringify(event)), { strict: true })).toEqual(event);
    expect(JSON.stringify(event)).not.toContain("null");
  });

  it("takes its values from the table, whose names all stand in a schema", () => {
    const used = new Set(eventNames.flatMap((name) => keysIn(fixture(name).data)));
    expect(Object.keys(FIELD_VALUES).filter((field) => !used.has(field))).toEqual([]);
    expect([...used].filter((field) => !(field in FIELD_VALUES) && !CONTAINERS.includes(field))).toEqual([]);
  });

  it("is the same each time, and changed only where it is told to", () => {
    expect(fixture("DOCUMENT_UPLOADED")).toEqual(fixture("DOCUMENT_UPLOADED"));
    const changed = fixture("CONVERSATION_STARTED", {
      eventId: "e",
      eventTimestamp: "t",
      data: { recordId: "r", candidateId: null },
    });
    expect(changed).toEqual({
      ...fixture("CONVERSATION_STARTED"),
      eventId: "e",
      eventTimestamp: "t",
      data: { ...fixture("CONVERSATION_STARTED").data, recordId: "r", candidateId: null },
    });
  });

  it("gives each event an id of its own", () => {
    expect(new Set(eventNames.map((name) => fixture(name).eventId)).size).toBe(26);
  });
});

/** Fields that hold other fields, and the one whose value differs by event. */
const CONTAINERS = ["recordId", "screeningQuestionsOutcome", "requirementOutcomes", "meetingDetails", "participants"];

function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysIn);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)]);
}

it("names what is no event", () => {
  expect(() => fixture("CONVERSATION_COMPLETE" as "CONVERSATION_COMPLETED")).toThrow(
    /"CONVERSATION_COMPLETE".*eventNames/,
  );
});
