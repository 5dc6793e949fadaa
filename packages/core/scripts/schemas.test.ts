import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { events } from "../src/index.ts";
import { modelFiles } from "./model-files.ts";

const folder = new URL("../schemas/", import.meta.url);
const files = modelFiles();
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");

/** The least event of a name: what Popp's documents promise, and nothing else. */
const least = (event: string) => ({
  event,
  eventId: "e",
  eventTimestamp: "t",
  data: { recordId: "r", organizationId: "o" },
});

describe("the machine-readable model", () => {
  it("is current: run `pnpm --filter @popp-webhooks/core schemas` if this fails", () => {
    expect(readdirSync(folder).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect([name, read(name)]).toEqual([name, text]);
  });

  it.each(Object.keys(events))("%s: agrees with the catalog on valid and invalid events", (name) => {
    const validate = new Ajv2020({ strict: true }).compile(JSON.parse(read(`${name}.json`)));
    expect(validate(least(name))).toBe(true);
    expect(validate({ ...least(name), data: { ...least(name).data, aNewField: [1], timestamp: null } })).toBe(true);
    expect(validate({ ...least(name), event: "ANOTHER" })).toBe(false);
    expect(validate({ ...least(name), data: { recordId: "r" } })).toBe(false);
    expect(validate({ ...least(name), eventId: undefined })).toBe(false);
    expect(validate({ ...least(name), data: { ...least(name).data, organizationId: null } })).toBe(false);
  });

  it("events.json distinguishes the events", () => {
    const validate = new Ajv2020({ strict: true }).compile(JSON.parse(read("events.json")));
    for (const name of Object.keys(events)) expect(validate(least(name))).toBe(true);
    expect(validate(least("UNHEARD_OF"))).toBe(false);
    const wrong = { ...least("CONVERSATION_COMPLETED"), data: { ...least("").data, scorecardTotalValue: "82" } };
    expect(validate(wrong)).toBe(false);
  });

  it("describes every event and every field", () => {
    for (const name of Object.keys(events)) expect(undescribed(JSON.parse(read(`${name}.json`)))).toEqual([]);
  });

  it("marks exactly the assumed fields of an event", () => {
    const assumed = Object.keys(events).flatMap((name) =>
      Object.entries<{ description: string }>(JSON.parse(read(`${name}.json`)).properties.data.properties)
        .filter(([, { description }]) => description.includes("Assumed: documented for"))
        .map(([field]) => `${name} ${field}`),
    );
    expect(assumed.filter((one) => one.startsWith("CONVERSATION_STARTED "))).toEqual([]);
    expect(assumed.filter((one) => one.startsWith("CONVERSATION_COMPLETED "))).toEqual(
      [
        "conversationStatus",
        "candidateId",
        "externalId",
        "externalCampaignId",
        "participantFirstName",
        "participantLastName",
        "campaignConversationUrl",
      ].map((field) => `CONVERSATION_COMPLETED ${field}`),
    );
    expect(assumed.filter((one) => one.startsWith("CALENDAR_MEETING_SCHEDULED "))).toEqual([]);
    expect(assumed.filter((one) => one.startsWith("CALENDAR_MEETING_CANCELLED "))).toEqual([
      "CALENDAR_MEETING_CANCELLED conversationId",
      "CALENDAR_MEETING_CANCELLED externalConversationId",
      "CALENDAR_MEETING_CANCELLED externalCampaignId",
    ]);
    expect(assumed.filter((one) => !/^(\w+_)?CONVERSATION_|^CALENDAR_/.test(one))).toEqual([]);
  });

  it("describes fields as Popp's documents do", () => {
    const { eventId, eventTimestamp, data } = JSON.parse(read("CONVERSATION_COMPLETED.json")).properties;
    expect(eventId.description).toMatch(/same id/);
    expect(eventTimestamp.description).toMatch(/event happened.*put into the envelope/);
    expect(data.properties.scorecardTotalValue.description).toMatch(/No document says when it is null/);
    expect(read("CANDIDATE_ANALYSIS_COMPLETED.json")).toContain("Text extracted from the CV");
    expect(read("WORKFLOW_RUN_STARTED.json")).toContain("Assumed to be a string; not checked.");
  });

  it("asyncapi.json is complete: every reference resolves and every event has a message", () => {
    const document = JSON.parse(read("asyncapi.json"));
    const references = [...read("asyncapi.json").matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path]) => String(path));
    for (const path of references)
      expect([path, path.split("/").reduce((at, key) => at?.[key], document)]).toEqual([path, expect.anything()]);
    expect(document.asyncapi).toBe("3.0.0");
    expect(Object.keys(document.components.messages).sort()).toEqual(Object.keys(events).sort());
    expect(references.length).toBeGreaterThan(Object.keys(events).length);
  });
});

/** The paths of the properties that have no description. */
function undescribed(schema: Record<string, unknown>, path = ""): string[] {
  const own = path !== "" && !schema.description ? [path] : [];
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>).flatMap(
    ([name, field]) => undescribed(field, `${path}/${name}`),
  );
  const inner = [schema.items, ...((schema.anyOf ?? []) as unknown[])]
    .filter((one): one is Record<string, unknown> => typeof one === "object" && one !== null)
    .flatMap((one) => undescribed({ ...one, description: "of the field" }, `${path}/`));
  return [...own, ...properties, ...inner];
}
