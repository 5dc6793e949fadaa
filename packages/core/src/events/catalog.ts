import { type AnalysisEvents, analysisSchemas } from "./analysis.ts";
import { type ConversationEvents, conversationSchemas } from "./conversation.ts";
import { type DocumentEvents, documentSchemas } from "./document.ts";
import type { SchemasOf } from "./envelope.ts";
import { type SchedulingEvents, schedulingSchemas } from "./scheduling.ts";
import { type WorkflowEvents, workflowSchemas } from "./workflow.ts";

/**
 * The events in Popp's documents, by name.
 *
 * Popp adds events without notice. An event with another name arrives as an `UnrecognizedEvent`.
 */
export interface PoppEventMap
  extends ConversationEvents,
    AnalysisEvents,
    SchedulingEvents,
    WorkflowEvents,
    DocumentEvents {}

/** The name of an event in the catalog. */
export type PoppEventName = keyof PoppEventMap;

/** The type of the catalog: a schema for the data of each event. */
export type PoppEvents = SchemasOf<PoppEventMap>;

/**
 * The catalog: for each event's name, the valibot schema of its `data`.
 *
 * Unknown fields pass through. Fields other than `recordId` and `organizationId` may be absent or null, because no document marks them as
 * required. A type is checked only where a document or a sample shows it. A type that is shown for one event is assumed, and checked, for the
 * same field of the other events of its group.
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
