/**
 * A page that shows the events of an inbox: what happened to each, what is stuck, and what to run again.
 *
 * @packageDocumentation
 */

export { toInspector } from "./inspector.ts";
export type {
  Access,
  AccessEntry,
  AccessRefused,
  Environment,
  Inspector,
  InspectorInbox,
  InspectorOptions,
  InspectorPage,
  InspectorRecord,
} from "./inspector-options.ts";
export type { NodeRequest, NodeResponse } from "./node-listener.ts";
export type { Recording, RecordingDetail, Recordings } from "./requests/recordings.ts";
