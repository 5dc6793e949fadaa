import type {
  AttemptError,
  EraseOptions,
  EraseRequest,
  EraseResult,
  EventFilter,
  EventState,
  HistoryEntry,
  InboxStats,
  Pruned,
  RedriveOptions,
  RedriveResult,
  Related,
  TimelineEntry,
  TimelineOptions,
} from "@popp-webhooks/inbox";

/** A stored event, as lists have it. */
export interface ListedEvent {
  /** What names it: the argument of `get`, `redrive` and `erase`. Empty once it is erased. */
  readonly idempotencyKey: string;
  readonly id: string | null;
  readonly name: string;
  readonly recordId: string | null;
  readonly state: EventState;
  readonly note: string | null;
  readonly attempts: number;
  readonly duplicates: number;
  readonly receivedAt: Date;
  readonly dueAt: Date | null;
  /** What its latest failed attempt threw. */
  readonly error: Pick<AttemptError, "name" | "message"> | null;
  /** Its place in the list. */
  readonly cursor: string;
}

/** A stored event with its body. */
export interface EventDetail extends ListedEvent {
  readonly hash: string;
  readonly crashes: number;
  readonly conflicts: number;
  readonly updatedAt: Date;
  readonly lastSeenAt: Date;
  readonly hasBody: boolean;
  /** Whether values are replaced by dots. The body is not the stored one then. */
  readonly isMasked: boolean;
  readonly body: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly history: readonly HistoryEntry[];
}

/** One page of a list. */
export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** Where the next page begins: pass it as `before`. */
  readonly next: string | null;
  /** False while events of an older version are still being indexed, so that some may be missing. */
  readonly isComplete: boolean;
  /** With `text`: how far this page has looked. */
  readonly searched: { readonly events: number; readonly backTo: Date | null } | undefined;
}

/** An inbox that commands look into, wherever it is. Every method rejects with a `CliError`. */
export interface OpenedInbox {
  page(filter: EventFilter & { readonly limit?: number }): Promise<EventPage>;
  get(key: string): Promise<EventDetail | undefined>;
  stats(): Promise<Omit<InboxStats, "handlerLatency" | "hasUnindexed">>;
  redrive(which: string | EventFilter, options: RedriveOptions): Promise<RedriveResult>;
  erase(which: string | EraseRequest, options: EraseOptions): Promise<EraseResult>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  related(about: string): Promise<Related>;
  timeline(options: TimelineOptions): Promise<readonly TimelineEntry[]>;
  /** Missing where it is not offered: an inspector does not prune. */
  readonly prune?: () => Promise<Pruned>;
  close(): Promise<void>;
}
