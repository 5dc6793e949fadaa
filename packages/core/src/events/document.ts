import type { PoppEnvelope, ResourceData, SchemasOf } from "./envelope.ts";
import { resource } from "./field.ts";
import * as v from "./schema.ts";

/** A candidate uploaded a document during a conversation; sent in real time. Its own fields are not documented. */
export interface DocumentUploadedEvent extends PoppEnvelope<"DOCUMENT_UPLOADED", ResourceData> {}

/** The document events by name. */
export interface DocumentEvents {
  /** {@inheritDoc DocumentUploadedEvent} */
  readonly DOCUMENT_UPLOADED: DocumentUploadedEvent;
}

export function documentSchemas(): SchemasOf<DocumentEvents> {
  return { DOCUMENT_UPLOADED: v.looseObject(resource()) };
}
