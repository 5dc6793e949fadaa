/**
 * The fields of an event's data whose values say what the event is about: a record, a candidate, a conversation, a booking, and your own ids of
 * them. An inbox finds events by these values, in whatever event they stand.
 *
 * `bookingId` is assumed: no document has it. Ids of organizations, campaigns and workflows are left out: they stand for many people.
 */
export const identifyingFields = [
  // Stored indexes hold the places in this list: add new fields at the end.
  "recordId",
  "candidateId",
  "candidateProfileId",
  "conversationId",
  "bookingId",
  "externalId",
  "externalConversationId",
  "candidateProfileExternalId",
  "externalAnalysisId",
] as const;
