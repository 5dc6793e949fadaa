import type { PoppEnvelope, ResourceData, SchemasOf } from "./envelope.ts";
import { optional, resource, text } from "./field.ts";
import * as v from "./schema.ts";

/**
 * The status of a conversation: the values seen in Popp's documents, for completion in an editor, and any other string.
 *
 * The list is open, because no document has all of them. `COMPLETED` is on a reference page, as the status of a closed conversation.
 */
export type ConversationStatus =
  | "CREATED"
  | "QUEUED"
  | "ONGOING"
  | "COMPLETED"
  | "COMPLETED_SCREENING_PASSED"
  | "COMPLETED_SCREENING_FAILED"
  | "CLOSED"
  | "OPTED_OUT"
  | "DELIVERY_FAILED"
  | (string & {});

/**
 * A conversation with a candidate. `recordId` is the conversation's id.
 *
 * Documented for `CONVERSATION_STARTED`. It is assumed that the other conversation events have the same fields.
 */
export interface ConversationData extends ResourceData {
  /** The status of the conversation. */
  readonly conversationStatus?: ConversationStatus | null;
  /** The candidate's id at Popp. */
  readonly candidateId?: string | null;
  /** Your own id for the conversation, as given when it was created. */
  readonly externalId?: string | null;
  /** Your own id for the campaign. */
  readonly externalCampaignId?: string | null;
  /** The candidate's first name. */
  readonly participantFirstName?: string | null;
  /** The candidate's last name. */
  readonly participantLastName?: string | null;
  /** Opens the conversation in Popp. */
  readonly campaignConversationUrl?: string | null;
}

/** The outcome of one screening question. */
export interface ScreeningQuestionOutcome {
  /** The question that was asked. */
  readonly screeningQuestion?: string | null;
  /** Whether the answer passed. Any other string is accepted. */
  readonly questionOutcome?: "PASSED" | "FAILED" | (string & {}) | null;
  /** A summary of the candidate's answer. */
  readonly responseSummary?: string | null;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/** A conversation that reached its conclusion. Its own fields are documented; the shared ones are assumed. */
export interface CompletedConversationData extends ConversationData {
  /** The scorecard's total: a number or null. No document says when it is null. */
  readonly scorecardTotalValue?: number | null;
  /** The outcome of each screening question. */
  readonly screeningQuestionsOutcome?: readonly ScreeningQuestionOutcome[] | null;
  /** The first name as the oldest documents spell it (sic). */
  readonly participantFirsName?: string | null;
}

/** A conversation is queued and waits to start. */
export interface ConversationQueuedEvent extends PoppEnvelope<"CONVERSATION_QUEUED", ConversationData> {}

/** The first message was delivered to the candidate. */
export interface ConversationStartedEvent extends PoppEnvelope<"CONVERSATION_STARTED", ConversationData> {}

/** A conversation reached its conclusion. */
export interface ConversationCompletedEvent extends PoppEnvelope<"CONVERSATION_COMPLETED", CompletedConversationData> {}

/** A conversation needs review by a person. */
export interface ConversationNeedsReviewEvent extends PoppEnvelope<"CONVERSATION_NEEDS_REVIEW", ConversationData> {}

/** The candidate opted out. */
export interface ConversationOptedOutEvent extends PoppEnvelope<"CONVERSATION_OPTED_OUT", ConversationData> {}

/** All configured nudges were sent without a reply. */
export interface ConversationMaxNudgesReachedEvent
  extends PoppEnvelope<"CONVERSATION_MAX_NUDGES_REACHED", ConversationData> {}

/** A conversation could not be started. */
export interface StartConversationFailedEvent extends PoppEnvelope<"START_CONVERSATION_FAILED", ConversationData> {}

/** The conversation events by name. */
export interface ConversationEvents {
  /** {@inheritDoc ConversationQueuedEvent} */
  readonly CONVERSATION_QUEUED: ConversationQueuedEvent;
  /** {@inheritDoc ConversationStartedEvent} */
  readonly CONVERSATION_STARTED: ConversationStartedEvent;
  /** {@inheritDoc ConversationCompletedEvent} */
  readonly CONVERSATION_COMPLETED: ConversationCompletedEvent;
  /** {@inheritDoc ConversationNeedsReviewEvent} */
  readonly CONVERSATION_NEEDS_REVIEW: ConversationNeedsReviewEvent;
  /** {@inheritDoc ConversationOptedOutEvent} */
  readonly CONVERSATION_OPTED_OUT: ConversationOptedOutEvent;
  /** {@inheritDoc ConversationMaxNudgesReachedEvent} */
  readonly CONVERSATION_MAX_NUDGES_REACHED: ConversationMaxNudgesReachedEvent;
  /** {@inheritDoc StartConversationFailedEvent} */
  readonly START_CONVERSATION_FAILED: StartConversationFailedEvent;
}

export function conversationSchemas(): SchemasOf<ConversationEvents> {
  const shared = {
    ...resource(),
    conversationStatus: text(),
    candidateId: text(),
    externalId: text(),
    externalCampaignId: text(),
    participantFirstName: text(),
    participantLastName: text(),
    campaignConversationUrl: text(),
  };
  const conversation = v.looseObject(shared);
  const outcome = v.looseObject({
    screeningQuestion: text(),
    questionOutcome: text(),
    responseSummary: text(),
  });
  return {
    CONVERSATION_QUEUED: conversation,
    CONVERSATION_STARTED: conversation,
    CONVERSATION_COMPLETED: v.looseObject({
      ...shared,
      scorecardTotalValue: optional(v.number()),
      screeningQuestionsOutcome: optional(v.array(outcome)),
      participantFirsName: text(),
    }),
    CONVERSATION_NEEDS_REVIEW: conversation,
    CONVERSATION_OPTED_OUT: conversation,
    CONVERSATION_MAX_NUDGES_REACHED: conversation,
    START_CONVERSATION_FAILED: conversation,
  };
}
