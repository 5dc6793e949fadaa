import { randomBytes } from "node:crypto";
import { assumeVerified, type PoppEvent, type VerifiedDelivery } from "@popp-webhooks/core";
import { type FixtureOverrides, fixture } from "@popp-webhooks/testing";

/** How often the names occur: of twenty events so many. */
const MIX = [
  ...Array(8).fill("ANALYSIS_CREATED"),
  ...Array(4).fill("CONVERSATION_STARTED"),
  ...Array(4).fill("CONVERSATION_COMPLETED"),
  ...Array(2).fill("WORKFLOW_RUN_COMPLETED"),
  ...Array(2).fill("DOCUMENT_UPLOADED"),
] as const;

/** The names that the lists look for. */
export const NAMES = {
  frequent: "ANALYSIS_CREATED",
  rare: "WORKFLOW_PUBLISHED",
  absent: "CALENDAR_NOTE_TAKER_COMPLETED",
} as const;

/** How many events have the rare name, and how many are about the person who is erased. */
const FEW = { rare: 20, erased: 1_000 } as const;

/** The person who is erased. */
export const ERASED = "cand_erased";

const BODY_BYTES = 2_048;

/** Hex digits at random, so that no store can compress a body by much. */
const NOISE = randomBytes(1 << 20).toString("hex");

/** A delivery and its event. */
export interface Delivered {
  readonly delivery: VerifiedDelivery;
  readonly event: PoppEvent;
}

/** The ids in the event with this number, of `total` events. A conversation has three events, a candidate ten. */
export function idsOf(at: number, total: number): { readonly recordId: string; readonly candidateId: string } {
  const isErased = at % Math.ceil(total / FEW.erased) === 0;
  return { recordId: `rec_${Math.floor(at / 3)}`, candidateId: isErased ? ERASED : `cand_${Math.floor(at / 10)}` };
}

/** Creates the delivery with this number: 2 kB, with the ids of a record, a candidate and an organization. */
export function deliveryOf(at: number, total: number): Delivered {
  const isRare = at % Math.ceil(total / FEW.rare) === 7;
  const name = isRare ? NAMES.rare : MIX[(at * 7) % MIX.length];
  const data = { ...idsOf(at, total), organizationId: `org_${at % 20}` };
  const overrides = { eventId: `evt_${at}`, eventTimestamp: new Date().toISOString(), data };
  const event = fixture(name, overrides as FixtureOverrides<typeof name>);
  const text = JSON.stringify(event);
  const from = (at * 131) % (NOISE.length - BODY_BYTES);
  const padding = NOISE.slice(from, from + Math.max(0, BODY_BYTES - text.length - 13));
  const body = assumeVerified(`${text.slice(0, -1)},"padding":"${padding}"}`);
  return { event, delivery: { body, headers: { "content-type": "application/json" }, receivedAtMs: Date.now() } };
}
