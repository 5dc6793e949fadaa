import type { PoppEnvelope, ResourceData, SchemasOf } from "./envelope.ts";
import { resource, untyped } from "./field.ts";
import * as v from "./schema.ts";

/**
 * A workflow or a run of it. Popp documents the names of these fields, but not their types, so their values are not checked. Each field may
 * be absent on some events.
 */
export interface WorkflowData extends ResourceData {
  /** The workflow's id. Assumed to be a string; not checked. */
  readonly workflowId?: unknown;
  /** The id of the workflow's version. Assumed to be a string; not checked. */
  readonly workflowVersionId?: unknown;
  /** The id of the candidate's profile. Assumed to be a string; not checked. */
  readonly candidateProfileId?: unknown;
  /** Your own id for the workflow. Assumed to be a string; not checked. */
  readonly workflowExternalId?: unknown;
  /** Your own id for the candidate's profile. Assumed to be a string; not checked. */
  readonly candidateProfileExternalId?: unknown;
  /** When the event was emitted; not the envelope's `eventTimestamp`. Assumed to be a string; not checked. */
  readonly timestamp?: unknown;
}

/** A run began; `recordId` is the run's id. */
export interface WorkflowRunStartedEvent extends PoppEnvelope<"WORKFLOW_RUN_STARTED", WorkflowData> {}

/** A run reached the end of its graph; `recordId` is the run's id. */
export interface WorkflowRunCompletedEvent extends PoppEnvelope<"WORKFLOW_RUN_COMPLETED", WorkflowData> {}

/** A run failed and cannot continue; `recordId` is the run's id. */
export interface WorkflowRunFailedEvent extends PoppEnvelope<"WORKFLOW_RUN_FAILED", WorkflowData> {}

/** A run was cancelled, by API or by archiving the workflow; `recordId` is the run's id. */
export interface WorkflowRunCancelledEvent extends PoppEnvelope<"WORKFLOW_RUN_CANCELLED", WorkflowData> {}

/** A node finished with an outcome, whose field names are not documented; `recordId` is the run's id. */
export interface WorkflowNodeCompletedEvent extends PoppEnvelope<"WORKFLOW_NODE_COMPLETED", WorkflowData> {}

/** An inline contact became a candidate profile; `recordId` is the run's id. */
export interface WorkflowContactResolvedEvent extends PoppEnvelope<"WORKFLOW_CONTACT_RESOLVED", WorkflowData> {}

/** A contact could not be resolved; `recordId` is a stable key of the contact, not a run's id. */
export interface WorkflowContactResolutionFailedEvent
  extends PoppEnvelope<"WORKFLOW_CONTACT_RESOLUTION_FAILED", WorkflowData> {}

/** A contact was skipped because it is in an active run already; `recordId` is that run's id. */
export interface WorkflowContactResolutionSkippedEvent
  extends PoppEnvelope<"WORKFLOW_CONTACT_RESOLUTION_SKIPPED", WorkflowData> {}

/** A version of a workflow was published; `recordId` is the workflow's id. */
export interface WorkflowPublishedEvent extends PoppEnvelope<"WORKFLOW_PUBLISHED", WorkflowData> {}

/** The workflow events by name. */
export interface WorkflowEvents {
  /** {@inheritDoc WorkflowRunStartedEvent} */
  readonly WORKFLOW_RUN_STARTED: WorkflowRunStartedEvent;
  /** {@inheritDoc WorkflowRunCompletedEvent} */
  readonly WORKFLOW_RUN_COMPLETED: WorkflowRunCompletedEvent;
  /** {@inheritDoc WorkflowRunFailedEvent} */
  readonly WORKFLOW_RUN_FAILED: WorkflowRunFailedEvent;
  /** {@inheritDoc WorkflowRunCancelledEvent} */
  readonly WORKFLOW_RUN_CANCELLED: WorkflowRunCancelledEvent;
  /** {@inheritDoc WorkflowNodeCompletedEvent} */
  readonly WORKFLOW_NODE_COMPLETED: WorkflowNodeCompletedEvent;
  /** {@inheritDoc WorkflowContactResolvedEvent} */
  readonly WORKFLOW_CONTACT_RESOLVED: WorkflowContactResolvedEvent;
  /** {@inheritDoc WorkflowContactResolutionFailedEvent} */
  readonly WORKFLOW_CONTACT_RESOLUTION_FAILED: WorkflowContactResolutionFailedEvent;
  /** {@inheritDoc WorkflowContactResolutionSkippedEvent} */
  readonly WORKFLOW_CONTACT_RESOLUTION_SKIPPED: WorkflowContactResolutionSkippedEvent;
  /** {@inheritDoc WorkflowPublishedEvent} */
  readonly WORKFLOW_PUBLISHED: WorkflowPublishedEvent;
}

export function workflowSchemas(): SchemasOf<WorkflowEvents> {
  const workflow = v.looseObject({
    ...resource(),
    workflowId: untyped(),
    workflowVersionId: untyped(),
    candidateProfileId: untyped(),
    workflowExternalId: untyped(),
    candidateProfileExternalId: untyped(),
    timestamp: untyped(),
  });
  return {
    WORKFLOW_RUN_STARTED: workflow,
    WORKFLOW_RUN_COMPLETED: workflow,
    WORKFLOW_RUN_FAILED: workflow,
    WORKFLOW_RUN_CANCELLED: workflow,
    WORKFLOW_NODE_COMPLETED: workflow,
    WORKFLOW_CONTACT_RESOLVED: workflow,
    WORKFLOW_CONTACT_RESOLUTION_FAILED: workflow,
    WORKFLOW_CONTACT_RESOLUTION_SKIPPED: workflow,
    WORKFLOW_PUBLISHED: workflow,
  };
}
