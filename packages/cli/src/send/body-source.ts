import { randomUUID } from "node:crypto";
import type { PoppEventName } from "@popp-webhooks/core";
import { eventNames, fixture } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import { textOf } from "../recordings/recording.ts";
import { type Change, changed } from "./changes.ts";

/** The body of a delivery. */
interface Body {
  readonly bytes: Uint8Array;
  /** The event's id; null when the body has none. */
  readonly eventId: string | null;
}

/** Creates the bodies of one event, as many as are asked for. */
export interface BodySource {
  /** The event's name, for people. */
  readonly event: string;
  /** The file that holds the body as it is, if there is one. */
  readonly file?: string | undefined;
  next(): Body;
}

/** What `--data` and `--event-id` change. */
export interface Changes {
  readonly data: readonly Change[];
  readonly eventId: string | undefined;
}

/** Creates bodies from the fixture of an event. Each has the current time, and an id of its own unless one is given. */
export function fixtureSource(name: PoppEventName, { data, eventId }: Changes): BodySource {
  const event = fixture(name);
  const base = { ...event, data: changed(event.data, data, name) };
  return {
    event: name,
    next() {
      const id = eventId ?? `evt_${randomUUID()}`;
      const body = { ...base, eventId: id, eventTimestamp: new Date().toISOString() };
      return { bytes: bytesOf(JSON.stringify(body)), eventId: id };
    },
  };
}

/** Repeats a body byte for byte. */
export function bytesSource(bytes: Uint8Array, file?: string): BodySource {
  const { event, eventId } = Object(jsonOf(bytes));
  const body = { bytes, eventId: typeof eventId === "string" ? eventId : null };
  return { event: typeof event === "string" ? event : "a body without an event", file, next: () => body };
}

/**
 * Changes a body that is JSON.
 *
 * @throws CliError when it is none
 */
export function changedBytes(bytes: Uint8Array, { data, eventId }: Changes): Uint8Array {
  const body = jsonOf(bytes);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new CliError(
      "usage",
      "FILE_NOT_JSON",
      "The file is not a JSON object in UTF-8, so that --data and --event-id cannot change it. Without them it is sent as it is.",
    );
  const name = eventNames.find((known) => known === Reflect.get(body, "event"));
  const changes = {
    ...(eventId !== undefined && { eventId }),
    ...(data.length > 0 && { data: changed(Reflect.get(body, "data"), data, name) }),
  };
  return bytesOf(JSON.stringify({ ...body, ...changes }));
}

/** The JSON of a body; undefined when it is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes) ?? "");
  } catch {
    return undefined;
  }
}

/** A Buffer, since small ones share memory: with its own for each of thousands a second, the process would grow. */
export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
