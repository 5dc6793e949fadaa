import type { EventFilter } from "@popp-webhooks/inbox";
import { Refused } from "./answer.ts";

const TEXTS = ["event", "note", "recordId", "organizationId", "about", "text"] as const;
const TIMES = ["since", "until"] as const;

/** Reads a filter from an address or from the body of an act. The inbox checks it again. */
export function filterFrom(source: (name: string) => unknown): EventFilter {
  const filter: Record<string, unknown> = {};
  for (const name of ["state", ...TEXTS, "before"]) {
    const value = source(name);
    if (value == null || value === "") continue;
    if (typeof value !== "string" || value.length > 2_000) throw new Refused(400, `${name} must be a short text.`);
    filter[name] = value;
  }
  for (const name of TIMES) {
    const value = source(name);
    if (value == null || value === "") continue;
    const at = new Date(typeof value === "string" && /^\d+$/.test(value) ? Number(value) : String(value));
    if (Number.isNaN(at.getTime())) throw new Refused(400, `${name} must be a time, such as 2026-01-31T12:00:00Z.`);
    filter[name] = at;
  }
  return filter as EventFilter;
}

/** Reads a whole number from an address. */
export function numberFrom(params: URLSearchParams, name: string, otherwise: number, max: number): number {
  const text = params.get(name);
  if (text === null || text === "") return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new Refused(400, `${name} must be a whole number from 1 to ${max}.`);
  return value;
}
