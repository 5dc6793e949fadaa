import * as v from "valibot";
import type { RecordedRequest, RecordedResponse } from "./recording.ts";

/** What is read back may have been edited by hand. */
const text = v.string();
const maybeText = v.nullable(text);
const headers = v.array(v.tuple([text, text]));

/** `request.json`. */
export const requestSchema: v.GenericSchema<unknown, RecordedRequest> = v.object({
  receivedAt: v.pipe(text, v.isoTimestamp()),
  method: text,
  path: text,
  verdict: text,
  explanation: maybeText,
  event: maybeText,
  eventId: maybeText,
  inboxKey: maybeText,
  headers,
  sha256: text,
  isCut: v.boolean(),
});

/** `response.json`. */
export const responseSchema: v.GenericSchema<unknown, RecordedResponse> = v.object({
  from: text,
  status: v.number(),
  ms: v.number(),
  headers,
  body: text,
  encoding: v.picklist(["utf8", "base64"]),
});
