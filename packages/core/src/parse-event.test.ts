import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { isWebhookError, type WebhookError } from "./errors/webhook-error.ts";
import { events } from "./events/catalog.ts";
import { parseEvent, type StrictOption } from "./parse-event.ts";
import { assumeVerified } from "./verify/verified-body.ts";

const envelope = {
  event: "CONVERSATION_COMPLETED",
  eventId: "evt_1",
  eventTimestamp: "2026-11-01T12:00:00Z",
  data: { recordId: "conv_1", organizationId: "org_1" },
};

const parse = (value: unknown) => parseEvent(assumeVerified(JSON.stringify(value)));
const withData = (data: object) => ({ ...envelope, data: { ...envelope.data, ...data } });

function refusalOf(body: string | Uint8Array, options?: StrictOption): WebhookError {
  try {
    parseEvent(assumeVerified(body), options);
  } catch (error) {
    if (isWebhookError(error)) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

describe("parseEvent", () => {
  it.each(Object.keys(events))("knows %s", (name) => {
    expect(parse({ ...envelope, event: name })).toEqual({ ...envelope, event: name });
  });

  it("keeps unknown fields in the envelope and in the data", () => {
    const newer = { ...withData({ aNewField: { deep: [1] } }), version: 2 };
    expect(parse(newer)).toEqual(newer);
  });

  it("accepts every field but the two ids as missing or null", () => {
    const nulls = withData({ conversationStatus: null, scorecardTotalValue: null, screeningQuestionsOutcome: null });
    expect(parse(nulls).event).toBe("CONVERSATION_COMPLETED");
    expect(parse(withData({ conversationStatus: "A_STATUS_OF_TOMORROW" })).event).toBe("CONVERSATION_COMPLETED");
  });

  it.each([1, true, null, "wf_1", { id: 1 }, [1]])(
    "does not check the undocumented types of workflow fields: %j",
    (value) => {
      const fields = {
        workflowId: value,
        workflowVersionId: value,
        candidateProfileId: value,
        workflowExternalId: value,
        candidateProfileExternalId: value,
        timestamp: value,
      };
      const run = { ...withData(fields), event: "WORKFLOW_RUN_STARTED" };
      expect(parse(run)).toEqual(run);
    },
  );

  it.each([
    ["CONVERSATION_QUEUED", { participantFirstName: 5 }, "data.participantFirstName"],
    ["START_CONVERSATION_FAILED", { conversationStatus: 5 }, "data.conversationStatus"],
    [
      "CALENDAR_MEETING_CANCELLED",
      { meetingDetails: { videoConference: "yes" } },
      "data.meetingDetails.videoConference",
    ],
  ])("checks on %s a type that is shown for another event of its group", (name, data, path) => {
    expect(parse({ ...withData(data), event: name })).toMatchObject({ reason: "mismatch", issues: [{ path }] });
  });

  it("keeps the digits of a number above 2^53 in the body's bytes", () => {
    const body = assumeVerified(JSON.stringify(withData({ big: 0 })).replace('"big":0', '"big":9007199254740993'));
    expect(parseEvent(body).data).toMatchObject({ big: 9007199254740992 });
    expect(new TextDecoder().decode(body)).toContain('"big":9007199254740993');
  });

  it("returns an unknown event name as unrecognized", () => {
    expect(parse({ ...envelope, event: "OFFER_SENT" })).toEqual({
      event: "UNRECOGNIZED",
      name: "OFFER_SENT",
      reason: "unknown-event",
      issues: [],
      eventId: "evt_1",
      eventTimestamp: "2026-11-01T12:00:00Z",
      data: envelope.data,
    });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "UNRECOGNIZED", " ", "\u0000"])(
    "takes %j for a name like any other",
    (name) => {
      expect(parse({ ...envelope, event: name })).toMatchObject({
        event: "UNRECOGNIZED",
        name,
        reason: "unknown-event",
      });
    },
  );

  it.each<[string, object, string, string, string]>([
    ["a field of another type", { conversationStatus: 5 }, "data.conversationStatus", "string", "number"],
    ["a missing id", { recordId: undefined }, "data.recordId", "a value", "nothing"],
    ["null for an id", { organizationId: null }, "data.organizationId", "string", "null"],
    ["no array", { screeningQuestionsOutcome: {} }, "data.screeningQuestionsOutcome", "Array", "object"],
    ["a wrong element", { screeningQuestionsOutcome: ["x"] }, "data.screeningQuestionsOutcome.0", "Object", "string"],
    [
      "a field deep inside",
      { screeningQuestionsOutcome: [{ responseSummary: [] }] },
      "data.screeningQuestionsOutcome.0.responseSummary",
      "string",
      "array",
    ],
  ])("names where data does not fit, without values: %s", (_, data, path, expected, received) => {
    const event = parse(withData(data));
    if (event.event !== "UNRECOGNIZED") throw new Error("expected a mismatch");
    expect(event).toMatchObject({ name: "CONVERSATION_COMPLETED", reason: "mismatch", eventId: "evt_1" });
    expect(event.issues).toEqual([{ path, expected: expect.stringContaining(expected), received }]);
  });

  it.each<[string, unknown, string]>([
    ["absent", undefined, "nothing"],
    ["null", null, "null"],
    ["a number", 7, "number"],
    ["empty", "", "empty string"],
  ])("gives an event whose eventId is %s as unrecognized", (_, eventId, received) => {
    const event = parse({ ...envelope, eventId });
    expect(event).toMatchObject({ event: "UNRECOGNIZED", reason: "mismatch", eventId: undefined });
    expect(event).toMatchObject({ issues: [{ path: "eventId", expected: "non-empty string", received }] });
  });

  it("returns an event without eventTimestamp as unrecognized with its id", () => {
    const event = parse({ ...envelope, eventTimestamp: 5 });
    expect(event).toMatchObject({ event: "UNRECOGNIZED", eventId: "evt_1", eventTimestamp: undefined });
  });

  it.each<[string, string, string]>([
    ["a string", '"text"', "string"],
    ["null", "null", "null"],
    ["an array", "[]", "array"],
    ["a number", "5", "number"],
  ])("refuses what is no JSON object: %s", (_, body, received) => {
    const error = refusalOf(body);
    expect(error).toMatchObject({ code: "PAYLOAD_INVALID", status: 400 });
    expect(error.issues).toEqual([{ path: "", expected: "object", received }]);
  });

  it.each<[string, object, string, string, string[]]>([
    ["an empty object", {}, "", "event", ["event", "data", "eventId", "eventTimestamp"]],
    ["no event", { ...envelope, event: undefined }, "", "event", ["event"]],
    ["an empty event", { ...envelope, event: "" }, "", "event", ["event"]],
    ["an event that is no string", { ...envelope, event: 5 }, "", "event", ["event"]],
    ["no data", { ...envelope, data: undefined }, "CONVERSATION_COMPLETED", "data", ["data"]],
    ["data that is an array", { ...envelope, data: [] }, "CONVERSATION_COMPLETED", "data", ["data"]],
    ["data that is null", { ...envelope, data: null }, "CONVERSATION_COMPLETED", "data", ["data"]],
    ["text as data", { ...envelope, event: "PING", data: "pong" }, "PING", "data", ["data"]],
  ])("gives a genuine object that is not an event as unrecognized: %s", (_, body, name, first, paths) => {
    const event = parse(body);
    if (event.event !== "UNRECOGNIZED") throw new Error("expected an unrecognized event");
    expect(event).toMatchObject({ reason: "not-an-event", name, eventId: Reflect.get(body, "eventId") });
    expect(event.data).toEqual(first === "event" ? (Reflect.get(body, "data") ?? {}) : {});
    expect(event.issues.map(({ path }) => path)).toEqual(paths);
    expect(refusalOf(JSON.stringify(body), { strict: true })).toMatchObject({
      code: "PAYLOAD_INVALID",
      issues: event.issues,
    });
  });

  it("lists at most 20 issues", () => {
    const screeningQuestionsOutcome = Array.from({ length: 200_000 }, () => 5);
    const event = parse({ ...withData({ screeningQuestionsOutcome }), eventId: 5 });
    if (event.event !== "UNRECOGNIZED") throw new Error("expected a mismatch");
    expect(event.issues).toHaveLength(20);
    expect(event.issues[0]?.path).toBe("eventId");
  });

  it("refuses a body that is not UTF-8 or JSON without quoting it", () => {
    const broken = Uint8Array.of(...Buffer.from('{"event":"'), 0xff, ...Buffer.from('","data":{}}'));
    for (const body of [broken, "", "{", "secret stuff", '{"event":"X","data":{}}x', "\ufeff\ufeff{}"]) {
      const error = refusalOf(body);
      expect(error.code).toBe("PAYLOAD_MALFORMED");
      expect(error.message).not.toMatch(/secret|stuff|event/);
      expect(error.cause).toBeUndefined();
    }
  });

  it("skips one leading BOM", () => {
    expect(parseEvent(assumeVerified(`\ufeff${JSON.stringify(envelope)}`))).toEqual(envelope);
  });

  it.each(["__proto__", "\\u005f_proto__", "__\\u0070roto__", "__pr\\u006Fto__"])(
    "drops an own %s at any depth",
    (key) => {
      const body = `{"event":"CONVERSATION_COMPLETED","eventId":"e","eventTimestamp":"t","${key}":{"x":1},"data":{"recordId":"r","organizationId":"o","list":[{"${key}":{"polluted":1},"kept":1}]}}`;
      const event = parseEvent(assumeVerified(body));
      expect(JSON.stringify(event)).not.toContain("polluted");
      expect(JSON.stringify(event)).toContain('"kept":1');
      expect(Object.getPrototypeOf(event)).toBe(Object.prototype);
    },
  );

  it("accepts deeply nested JSON without a crash", () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const body = `{"event":"X","eventId":"e","eventTimestamp":"t","data":{"__proto__":1,"deep":${deep}}}`;
    expect(parseEvent(assumeVerified(body))).toMatchObject({ event: "UNRECOGNIZED", name: "X" });
  });

  it("throws instead of returning an unrecognized event with strict", () => {
    const options = { strict: true };
    expect(refusalOf(JSON.stringify({ ...envelope, event: "OFFER_SENT" }), options)).toMatchObject({
      code: "PAYLOAD_INVALID",
      issues: [],
    });
    expect(refusalOf(JSON.stringify(withData({ conversationStatus: 5 })), options)).toMatchObject({
      code: "PAYLOAD_INVALID",
      issues: [{ path: "data.conversationStatus" }],
    });
    expect(parseEvent(assumeVerified(JSON.stringify(envelope)), options)).toEqual(envelope);
  });

  it("accepts a custom catalog and returns the output of its schemas", () => {
    const catalog = {
      ...events,
      OFFER_SENT: v.looseObject({
        amount: v.pipe(v.string(), v.transform(Number)),
        currency: v.optional(v.string(), "EUR"),
      }),
    };
    const event = parseEvent(
      assumeVerified(JSON.stringify({ ...envelope, event: "OFFER_SENT", data: { amount: "12" } })),
      { catalog },
    );
    expect(event).toEqual({ ...envelope, event: "OFFER_SENT", data: { amount: 12, currency: "EUR" } });
  });

  it("refuses a catalog that contains UNRECOGNIZED", () => {
    const catalog = { ...events, UNRECOGNIZED: v.looseObject({}) };
    expect(() => parseEvent(assumeVerified(JSON.stringify(envelope)), { catalog })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("`catalog.UNRECOGNIZED`") }),
    );
  });
});
