import type { PoppEnvelope, ResourceData, SchemasOf } from "./envelope.ts";
import { optional, resource, text } from "./field.ts";
import * as v from "./schema.ts";

/** A participant of a meeting. */
export interface MeetingParticipant {
  /** The participant's email address. */
  readonly email?: string | null;
  /** The participant's name. */
  readonly name?: string | null;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/** A meeting in the calendar. */
export interface MeetingDetails {
  /** The meeting's title. */
  readonly title?: string | null;
  /** When it starts, as ISO 8601. */
  readonly startDateTime?: string | null;
  /** When it ends, as ISO 8601. */
  readonly endDateTime?: string | null;
  /** Its time zone, as an IANA name. */
  readonly timezone?: string | null;
  /** Where it takes place. Only for meetings in person. */
  readonly location?: string | null;
  /** Whether it takes place by video. */
  readonly videoConference?: boolean | null;
  /** Opens the video meeting. Only when `videoConference` is true. */
  readonly meetingUrl?: string | null;
  /** The participants. */
  readonly participants?: readonly MeetingParticipant[] | null;
  /** A field that is newer than this SDK. */
  readonly [field: string]: unknown;
}

/**
 * The scheduling of a meeting with a candidate. `recordId` is the booking's id where there is one.
 *
 * Documented for `CALENDAR_MEETING_SCHEDULED`. It is assumed that the other scheduling events have the same fields; of `meetingDetails`
 * it is documented.
 */
export interface SchedulingData extends ResourceData {
  /** The id of the conversation that the meeting came from. */
  readonly conversationId?: string | null;
  /** Your own id for that conversation. */
  readonly externalConversationId?: string | null;
  /** Your own id for the campaign. */
  readonly externalCampaignId?: string | null;
  /** The meeting. Documented for every scheduling event. */
  readonly meetingDetails?: MeetingDetails | null;
}

/** A candidate booked a meeting. */
export interface CalendarMeetingScheduledEvent extends PoppEnvelope<"CALENDAR_MEETING_SCHEDULED", SchedulingData> {}

/** A meeting was accepted or declined, or a detail of it changed. */
export interface CalendarMeetingUpdatedEvent extends PoppEnvelope<"CALENDAR_MEETING_UPDATED", SchedulingData> {}

/** A meeting was cancelled. */
export interface CalendarMeetingCancelledEvent extends PoppEnvelope<"CALENDAR_MEETING_CANCELLED", SchedulingData> {}

/** A meeting was rescheduled. */
export interface CalendarMeetingRescheduledEvent extends PoppEnvelope<"CALENDAR_MEETING_RESCHEDULED", SchedulingData> {}

/** No free slot was found. */
export interface CalendarAvailabilityNotFoundEvent
  extends PoppEnvelope<"CALENDAR_AVAILABILITY_NOT_FOUND", SchedulingData> {}

/** The candidate asked for more options. */
export interface CalendarMoreTimeRequestedEvent extends PoppEnvelope<"CALENDAR_MORE_TIME_REQUESTED", SchedulingData> {}

/** The notes of a meeting are ready. */
export interface CalendarNoteTakerCompletedEvent
  extends PoppEnvelope<"CALENDAR_NOTE_TAKER_COMPLETED", SchedulingData> {}

/** The scheduling events by name. */
export interface SchedulingEvents {
  /** {@inheritDoc CalendarMeetingScheduledEvent} */
  readonly CALENDAR_MEETING_SCHEDULED: CalendarMeetingScheduledEvent;
  /** {@inheritDoc CalendarMeetingUpdatedEvent} */
  readonly CALENDAR_MEETING_UPDATED: CalendarMeetingUpdatedEvent;
  /** {@inheritDoc CalendarMeetingCancelledEvent} */
  readonly CALENDAR_MEETING_CANCELLED: CalendarMeetingCancelledEvent;
  /** {@inheritDoc CalendarMeetingRescheduledEvent} */
  readonly CALENDAR_MEETING_RESCHEDULED: CalendarMeetingRescheduledEvent;
  /** {@inheritDoc CalendarAvailabilityNotFoundEvent} */
  readonly CALENDAR_AVAILABILITY_NOT_FOUND: CalendarAvailabilityNotFoundEvent;
  /** {@inheritDoc CalendarMoreTimeRequestedEvent} */
  readonly CALENDAR_MORE_TIME_REQUESTED: CalendarMoreTimeRequestedEvent;
  /** {@inheritDoc CalendarNoteTakerCompletedEvent} */
  readonly CALENDAR_NOTE_TAKER_COMPLETED: CalendarNoteTakerCompletedEvent;
}

export function schedulingSchemas(): SchemasOf<SchedulingEvents> {
  const meeting = v.looseObject({
    title: text(),
    startDateTime: text(),
    endDateTime: text(),
    timezone: text(),
    location: text(),
    videoConference: optional(v.boolean()),
    meetingUrl: text(),
    participants: optional(v.array(v.looseObject({ email: text(), name: text() }))),
  });
  const scheduling = v.looseObject({
    ...resource(),
    conversationId: text(),
    externalConversationId: text(),
    externalCampaignId: text(),
    meetingDetails: optional(meeting),
  });
  return {
    CALENDAR_MEETING_SCHEDULED: scheduling,
    CALENDAR_MEETING_UPDATED: scheduling,
    CALENDAR_MEETING_CANCELLED: scheduling,
    CALENDAR_MEETING_RESCHEDULED: scheduling,
    CALENDAR_AVAILABILITY_NOT_FOUND: scheduling,
    CALENDAR_MORE_TIME_REQUESTED: scheduling,
    CALENDAR_NOTE_TAKER_COMPLETED: scheduling,
  };
}
