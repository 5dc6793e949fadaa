import { type AnalysisEvents, analysisSchemas } from "./analysis.ts";
import { type ConversationEvents, conversationSchemas } from "./conversation.ts";
import { type DocumentEvents, documentSchemas } from "./document.ts";
import type { SchemasOf } from "./envelope.ts";
import { type SchedulingEvents, schedulingSchemas } from "./scheduling.ts";
import { type WorkflowEvents, workflowSchemas } from "./workflow.ts";

/**
 * The 26 events in Popp's documents, by name.
 *
 * Popp adds events without notice, so a name that is not here is nothing unusual: it arrives as an `UnrecognizedEvent`.
 */
export interface PoppEventMap
  extends ConversationEvents,
    AnalysisEvents,
    SchedulingEvents,
    WorkflowEvents,
    DocumentEvents {}

/** The name of an event in the catalogue. */
export type PoppEventName = keyof PoppEventMap;

/** The catalogue's type: a schema for the data of each of the 26 events. */
export type PoppEvents = SchemasOf<PoppEventMap>;

/**
 * The catalogue: for each event's name, the valibot schema of its `data`.
 *
 * Unknown fields pass through, and all but `recordId` and `organizationId` may be absent or null, as Popp's documents demand.
 *
 * @example
 * ```ts
 * import { createReceiver, events } from "@popp-webhooks/core";
 * import * as v from "valibot";
 *
 * export const receiver = createReceiver({
 *   secret: "the signing secret",
 *   catalog: { ...events, OFFER_SENT: v.looseObject({ offerId: v.string() }) },
 *   on: { OFFER_SENT: (event) => console.log(event.data.offerId) },
 * });
 * ```
 */
export const events: PoppEvents = /* @__PURE__ */ schemas();

function schemas(): PoppEvents {
  return {
    ...conversationSchemas(),
    ...analysisSchemas(),
    ...schedulingSchemas(),
    ...workflowSchemas(),
    ...documentSchemas(),
  };
}
