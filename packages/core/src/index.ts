/**
 * Receives Popp's webhooks in any JavaScript runtime: genuine, typed, once.
 *
 * @packageDocumentation
 */

export type { Handler, HandlerContext, Handlers } from "./deliver/handlers.ts";
export { idempotencyKeyOf } from "./deliver/idempotency-key.ts";
export type { DeliveryContext, Inbox, Outcome, VerifiedDelivery } from "./deliver/inbox.ts";
export type { Issue } from "./errors/issue.ts";
export {
  isWebhookError,
  WebhookError,
  type WebhookErrorCode,
  type WebhookErrorDetails,
} from "./errors/webhook-error.ts";
export type {
  AnalysisCreatedEvent,
  CandidateAnalysisCompletedEvent,
  CandidateAnalysisData,
  RequirementOutcome,
} from "./events/analysis.ts";
export {
  events,
  type PoppEventMap,
  type PoppEventName,
  type PoppEvents,
} from "./events/catalog.ts";
export type {
  CompletedConversationData,
  ConversationCompletedEvent,
  ConversationData,
  ConversationMaxNudgesReachedEvent,
  ConversationNeedsReviewEvent,
  ConversationOptedOutEvent,
  ConversationQueuedEvent,
  ConversationStartedEvent,
  ConversationStatus,
  ScreeningQuestionOutcome,
  StartConversationFailedEvent,
} from "./events/conversation.ts";
export type { DocumentUploadedEvent } from "./events/document.ts";
export type {
  EventSchema,
  PoppEnvelope,
  ResourceData,
  SchemasOf,
} from "./events/envelope.ts";
export {
  type Catalog,
  type EventOf,
  type EventsOf,
  isUnrecognized,
  type PoppEvent,
  type PoppEventOf,
  type UnrecognizedEvent,
} from "./events/event.ts";
export { eventTimeMs } from "./events/event-time.ts";
export { identifyingFields } from "./events/identifying-fields.ts";
export type {
  CalendarAvailabilityNotFoundEvent,
  CalendarMeetingCancelledEvent,
  CalendarMeetingRescheduledEvent,
  CalendarMeetingScheduledEvent,
  CalendarMeetingUpdatedEvent,
  CalendarMoreTimeRequestedEvent,
  CalendarNoteTakerCompletedEvent,
  MeetingDetails,
  MeetingParticipant,
  SchedulingData,
} from "./events/scheduling.ts";
export type {
  WorkflowContactResolutionFailedEvent,
  WorkflowContactResolutionSkippedEvent,
  WorkflowContactResolvedEvent,
  WorkflowData,
  WorkflowNodeCompletedEvent,
  WorkflowPublishedEvent,
  WorkflowRunCancelledEvent,
  WorkflowRunCompletedEvent,
  WorkflowRunFailedEvent,
  WorkflowRunStartedEvent,
} from "./events/workflow.ts";
export { type ParseEventOptions, parseEvent, type StrictOption } from "./parse-event.ts";
export type {
  Delivery,
  DeliveryBody,
  HeaderSource,
  NodeBody,
} from "./read/delivery.ts";
export { createReceiver, type Receiver } from "./receiver.ts";
export type { CreateReceiverOptions } from "./receiver-options.ts";
export type { DeliveryOutcome, DeliveryReport, EventReport, Refused } from "./respond/report.ts";
export type { Reply } from "./respond/respond.ts";
export type { Scheme } from "./verify/scheme.ts";
export type { Secret, SecretValue } from "./verify/secret.ts";
export { assumeVerified, type VerifiedBody } from "./verify/verified-body.ts";
export {
  type SignedBody,
  type VerifySignatureOptions,
  verifySignature,
} from "./verify-signature.ts";
