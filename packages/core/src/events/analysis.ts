import type { PoppEnvelope, ResourceData, SchemasOf } from "./envelope.ts";
import { optional, resource, text } from "./field.ts";
import * as v from "./schema.ts";

/** Whether a candidate meets one requirement. */
export interface RequirementOutcome {
  /** The requirement, in words. */
  readonly requirement?: string | null;
  /** Whether it must be met. */
  readonly isMandatory?: boolean | null;
  /** Whether the candidate meets it. */
  readonly isMet?: boolean | null;
  /** Text extracted from the CV that shows it. Absent when the requirement is not met. */
  readonly evidence?: string | null;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/** The analysis of one candidate. `recordId` is the candidate's id. */
export interface CandidateAnalysisData extends ResourceData {
  /** Your own id for the candidate. */
  readonly externalId?: string | null;
  /** Your own id for the analysis. */
  readonly externalAnalysisId?: string | null;
  /** Opens the candidate's analysis in Popp. */
  readonly analysisCandidateUrl?: string | null;
  /** The total score, from 0 to 100. It may be fractional. */
  readonly totalScoreScaled?: number | null;
  /** Whether every mandatory requirement is met. */
  readonly isAllMandatoryRequirementsMet?: boolean | null;
  /** Each requirement, and whether it is met. */
  readonly requirementOutcomes?: readonly RequirementOutcome[] | null;
}

/** A new analysis was created. Its own fields are not documented. */
export interface AnalysisCreatedEvent extends PoppEnvelope<"ANALYSIS_CREATED", ResourceData> {}

/** The analysis of one candidate is complete. */
export interface CandidateAnalysisCompletedEvent
  extends PoppEnvelope<"CANDIDATE_ANALYSIS_COMPLETED", CandidateAnalysisData> {}

/** The analysis events by name. */
export interface AnalysisEvents {
  /** {@inheritDoc AnalysisCreatedEvent} */
  readonly ANALYSIS_CREATED: AnalysisCreatedEvent;
  /** {@inheritDoc CandidateAnalysisCompletedEvent} */
  readonly CANDIDATE_ANALYSIS_COMPLETED: CandidateAnalysisCompletedEvent;
}

export function analysisSchemas(): SchemasOf<AnalysisEvents> {
  const outcome = v.looseObject({
    requirement: text(),
    isMandatory: optional(v.boolean()),
    isMet: optional(v.boolean()),
    evidence: text(),
  });
  return {
    ANALYSIS_CREATED: v.looseObject(resource()),
    CANDIDATE_ANALYSIS_COMPLETED: v.looseObject({
      ...resource(),
      externalId: text(),
      externalAnalysisId: text(),
      analysisCandidateUrl: text(),
      totalScoreScaled: optional(v.number()),
      isAllMandatoryRequirementsMet: optional(v.boolean()),
      requirementOutcomes: optional(v.array(outcome)),
    }),
  };
}
