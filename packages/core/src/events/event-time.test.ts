import { expect, it } from "vitest";
import { eventTimeMs } from "./event-time.ts";

it.each<[string, string]>([
  ["2024-01-15T10:30:00Z", "2024-01-15T10:30:00.000Z"],
  ["2024-01-15T10:30:00.123Z", "2024-01-15T10:30:00.123Z"],
  ["2024-01-15T10:30:00.123456789Z", "2024-01-15T10:30:00.123Z"],
  ["2024-01-15T10:30:00+02:00", "2024-01-15T08:30:00.000Z"],
  ["2024-01-15t10:30:00z", "2024-01-15T10:30:00.000Z"],
  ["2024-01-15T10:30Z", "2024-01-15T10:30:00.000Z"],
  ["2024-01-15T10:30:00", "2024-01-15T10:30:00.000Z"],
  ["2024-01-15", "2024-01-15T00:00:00.000Z"],
])("reads %s, wherever the machine stands", (eventTimestamp, expected) => {
  expect(new Date(eventTimeMs({ eventTimestamp }) ?? Number.NaN).toISOString()).toBe(expected);
});

it.each([
  "",
  "1",
  "0",
  "2024",
  "soon",
  "1705314600000",
  "Mon, 15 Jan 2024 10:30:00 GMT",
  "15/01/2024",
  "2024-01-15 10:30:00",
  "2024-13-45T10:30:00Z",
  "2024-01-15T99:00:00Z",
  "2024-01-15T10:30:00Z trailing",
  "+002024-01-15T10:30:00Z",
])("does not read %j", (eventTimestamp) => {
  expect(eventTimeMs({ eventTimestamp })).toBeUndefined();
});

it("does not read a missing value", () => {
  expect(eventTimeMs({})).toBeUndefined();
});
