import type { PoppEventName } from "@popp-webhooks/core";
import { eventNames } from "@popp-webhooks/testing";
import { CliError } from "./cli-error.ts";
import { nearest } from "./nearest.ts";

/** Reads the name of a documented event, in any case. An unknown one gets the nearest as a suggestion. */
export function eventNameOf(text: string): PoppEventName {
  const name = eventNames.find((known) => known === text.toUpperCase());
  if (name) return name;
  const near = nearest(text, eventNames);
  const advice = near ? `Did you mean ${near}?` : "`popp-webhooks events` lists the documented ones.";
  throw new CliError("usage", "UNKNOWN_EVENT", `No documented event is named "${text}". ${advice}`);
}
