import { checkOptions } from "@popp-webhooks/core/internal";
import { eventKeyOf } from "../event/event-key.ts";
import type { InboxConfig } from "../inbox-config.ts";
import type { RedriveRefusal } from "../ports/changes.ts";
import { NOT_HANDLED, redriveRefusal } from "../ports/redrive-rule.ts";
import type { StoredEvent } from "../ports/stored-event.ts";
import { checkFilter, type EventFilter, needsIndex } from "./filter.ts";
import { holdsText } from "./holds-text.ts";
import { listStored } from "./page.ts";

/** How to redrive. */
export interface RedriveOptions {
  /** Also redrives events that a handler has handled. Default: false. */
  readonly force?: boolean;
  /** Changes nothing, and counts what would be redriven. Default: false. */
  readonly dryRun?: boolean;
}

/** The result of a redrive. */
export interface RedriveResult {
  /** How many events are due now. */
  readonly redriven: number;
  /**
   * Why the one event that was named is not redriven: `unknown`, `erased`, `pruned` (its body is deleted), `rejected`, `received` (it is due already),
   * `processing`, or `done`, which needs `force`.
   */
  readonly refused?: RedriveRefusal;
}

/** How many events one call of the store redrives. */
const STEP = 500;

/**
 * Redrives one event by its idempotency key, or all that a filter finds.
 *
 * @param onRedriven - called with each event that is due now
 */
export async function redriveEvents(
  config: InboxConfig,
  which: string | EventFilter,
  options: RedriveOptions,
  onRedriven: (stored: StoredEvent) => void,
): Promise<RedriveResult> {
  checkOptions("inbox.redrive", options, { force: "boolean", dryRun: "boolean" });
  const { force = false, dryRun = false } = options;
  if (typeof which === "string") return redriveOne(config, which, { force, dryRun }, onRedriven);
  checkFilter("inbox.redrive", which, config.subjectFields);
  // What has no index yet would be missed.
  if (needsIndex(config, which)) await config.indexer.finish();
  let redriven = 0;
  let step: StoredEvent[] = [];
  const flush = async () => {
    redriven += await redriveStep(config, step, { force, dryRun }, onRedriven);
    step = [];
  };
  for await (const stored of listRedrivable(config, which, force)) if (step.push(stored) >= STEP) await flush();
  await flush();
  return { redriven };
}

async function redriveOne(
  config: InboxConfig,
  id: string,
  options: Required<RedriveOptions>,
  onRedriven: (stored: StoredEvent) => void,
): Promise<RedriveResult> {
  const { store, source } = config;
  const stored = await store.get(await eventKeyOf(source, id));
  const refused = stored === undefined ? "unknown" : redriveRefusal(stored, options.force);
  if (stored === undefined || refused !== undefined) return { redriven: 0, refused: refused ?? "unknown" };
  if (options.dryRun) return { redriven: 1 };
  const [answer] = await store.redrive([stored.key], options.force);
  if (answer !== undefined && answer.result !== "redriven") return { redriven: 0, refused: answer.result };
  tell(config, stored, onRedriven);
  return { redriven: 1 };
}

async function redriveStep(
  config: InboxConfig,
  step: readonly StoredEvent[],
  { force, dryRun }: Required<RedriveOptions>,
  onRedriven: (stored: StoredEvent) => void,
): Promise<number> {
  if (dryRun || step.length === 0) return step.length;
  const answers = await config.store.redrive(
    step.map(({ key }) => key),
    force,
  );
  const redriven = new Set(answers.filter(({ result }) => result === "redriven").map(({ key }) => key));
  for (const stored of step) if (redriven.has(stored.key)) tell(config, stored, onRedriven);
  return redriven.size;
}

function tell(config: InboxConfig, stored: StoredEvent, onRedriven: (stored: StoredEvent) => void): void {
  const { eventId, name: eventName, recordId } = stored;
  config.meter.redriven(eventName);
  const state = stored.state === "retry" ? "retry" : "received";
  config.reportTransition({ state, eventId, eventName, ...(recordId !== null && { recordId }), attempt: 0 });
  onRedriven(stored);
}

/** Lists only what can be redriven: a store may hold a million events that are done. */
async function* listRedrivable(config: InboxConfig, filter: EventFilter, force: boolean): AsyncGenerator<StoredEvent> {
  const { text, state, note } = filter;
  for (const one of narrowed(force)) {
    if ((state ?? one.state) !== one.state || (note ?? one.note ?? note) !== (one.note ?? note)) continue;
    for await (const stored of listStored(config, { ...filter, ...one }))
      if (redriveRefusal(stored, force) === undefined && (text === undefined || holdsText(stored, text))) yield stored;
  }
}

/** The states, and notes, of events that can be redriven. */
function narrowed(force: boolean): readonly Pick<EventFilter, "state" | "note">[] {
  const notHandled = NOT_HANDLED.map((note) => ({ state: "done", note }) as const);
  return [{ state: "dead" }, { state: "retry" }, ...(force ? [{ state: "done" } as const] : notHandled)];
}
