import type { ListQuery } from "@popp-webhooks/inbox";
import { SOURCE } from "./new-event.ts";

/** A query for all events of the suite, without bodies. */
export const EVERYTHING: ListQuery = {
  ...{ source: SOURCE, state: null, name: null, nameTag: null, note: null, tags: [] },
  ...{ sinceMs: 0, untilMs: null, beforeSeq: null, limit: 100, bodies: false },
};
