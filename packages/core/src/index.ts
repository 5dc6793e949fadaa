/**
 * Receives Popp's webhooks in any JavaScript runtime: genuine, typed, once.
 *
 * @packageDocumentation
 */

export type {
  Delivery,
  DeliveryBody,
  HeaderSource,
  NodeBody,
} from "./delivery.ts";
export type {
  Catalog,
  EventOf,
  EventsOf,
  PoppEvent,
  PoppEventOf,
  UnrecognizedEvent,
} from "./event.ts";
export type {
  AnalysisCreatedEvent,
  AnalysisEvents,
  CandidateAnalysisCompletedEvent,
  CandidateAnalysisData,
  RequirementOutcome,
} from "./events/analysis.ts";
export type {
  CompletedConversationData,
  ConversationCompletedEvent,
  ConversationData,
  ConversationEvents,
  ConversationMaxNudgesReachedEvent,
  ConversationNeedsReviewEvent,
  ConversationOptedOutEvent,
  ConversationQueuedEvent,
  ConversationStartedEvent,
  ConversationStatus,
  ScreeningQuestionOutcome,
  StartConversationFailedEvent,
} from "./events/conversation.ts";
export type {
  DocumentEvents,
  DocumentUploadedEvent,
} from "./events/document.ts";
export type {
  EventSchema,
  PoppEnvelope,
  ResourceData,
  SchemasOf,
} from "./events/envelope.ts";
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
  SchedulingEvents,
} from "./events/scheduling.ts";
export type {
  WorkflowContactResolutionFailedEvent,
  WorkflowContactResolutionSkippedEvent,
  WorkflowContactResolvedEvent,
  WorkflowData,
  WorkflowEvents,
  WorkflowNodeCompletedEvent,
  WorkflowPublishedEvent,
  WorkflowRunCancelledEvent,
  WorkflowRunCompletedEvent,
  WorkflowRunFailedEvent,
  WorkflowRunStartedEvent,
} from "./events/workflow.ts";
export {
  events,
  type PoppEventMap,
  type PoppEventName,
  type PoppEvents,
} from "./events.ts";
export type { Handler, HandlerContext, Handlers } from "./handlers.ts";
export type { DeliveryContext, Inbox } from "./inbox.ts";
export type { Issue } from "./issue.ts";
export type { Outcome } from "./outcome.ts";
export { type ParseEventOptions, parseEvent, type StrictOption } from "./parse-event.ts";
export { createReceiver, type Receiver } from "./receiver.ts";
export type {
  CreateReceiverOptions,
  DeliveryOutcome,
  DeliveryReport,
  HandlingOptions,
  InboxOptions,
  ReceiverOptions,
  Refused,
} from "./receiver-options.ts";
export type { Reply } from "./reply.ts";
export type { Scheme } from "./scheme.ts";
export type { Secret, SecretValue } from "./secret.ts";
export { assumeVerified, type VerifiedBody } from "./verified-body.ts";
export type { VerifiedDelivery } from "./verified-delivery.ts";
export {
  type SignedBody,
  type VerifySignatureOptions,
  verifySignature,
} from "./verify-signature.ts";
export {
  isWebhookError,
  WebhookError,
  type WebhookErrorCode,
  type WebhookErrorDetails,
} from "./webhook-error.ts";
