import type { DurableInbox } from "@popp-webhooks/inbox";

/** What a worker needs of an inbox. */
export type Processor = Pick<DurableInbox, "process">;
