import type { TimelineEntry } from "@popp-webhooks/inbox";
import { batch, type Signal, signal } from "@preact/signals";
import type { DeadGroup } from "../src/dead-letters.ts";
import type { Access, Environment } from "../src/inspector-options.ts";
import type { Snapshot } from "../src/live.ts";
import type { RequestView } from "../src/requests/list-requests.ts";
import type { Recording } from "../src/requests/recordings.ts";
import type { Detail, Row } from "../src/views.ts";
import { act, get } from "./api.ts";

export interface Session extends Access {
  readonly environment: Environment | null;
  readonly live: "stream" | "poll";
  readonly hasRecordings: boolean;
}

export type View = "events" | "dead" | "requests";

/** The filters of each view. They stand in the address, so that a link shows the same. */
export const FILTERS = {
  events: ["state", "event", "recordId", "about", "text", "since", "until"],
  dead: ["event", "recordId", "about", "text", "since", "until"],
  requests: ["answer", "event", "find", "since", "until"],
} as const satisfies Record<View, readonly string[]>;
export type Filter = (typeof FILTERS)[View][number];
export type Place = Readonly<Partial<Record<Filter | "view" | "key", string>>>;

export const place = signal<Place>(placeOfAddress());
export const session = signal<Session | null>(null);
export const snapshot = signal<Snapshot | null>(null);
export const rows = signal<readonly Row[] | null>(null);
export const next = signal<string | null>(null);
export const searched = signal<string | null>(null);
export const detail = signal<Detail | null>(null);
export const groups = signal<{ readonly groups: readonly DeadGroup[]; readonly isComplete: boolean } | null>(null);
export const requests = signal<readonly Recording[] | null>(null);
export const request = signal<RequestView | null>(null);
export const timeline = signal<readonly (Omit<TimelineEntry, "at"> & { readonly at: string })[]>([]);
export const range = signal<"hour" | "day" | "week">("day");
export const problem = signal<string | null>(null);
export const isLive = signal(false);
export const now = signal(Date.now());

export const viewOf = ({ view }: Place): View => (view === "dead" || view === "requests" ? view : "events");

function placeOfAddress(): Place {
  const params = new URLSearchParams(location.search);
  return Object.fromEntries(
    [...FILTERS.events, ...FILTERS.requests, "view", "key"].flatMap((name) =>
      params.get(name) ? [[name, params.get(name)]] : [],
    ),
  );
}

export function addressOf(change: Place): string {
  const all = Object.entries({ ...place.value, ...change }).filter(([, value]) => value);
  return `${location.pathname}${all.length > 0 ? `?${new URLSearchParams(Object.fromEntries(all))}` : ""}`;
}

/** Goes to another place of the page, and reads what is there. */
export function go(change: Place, isTyping = false): void {
  const before = place.value;
  const address = addressOf(change);
  if (isTyping) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  arrive(before);
}

addEventListener("popstate", () => arrive(place.value));

function arrive(before: Place): void {
  place.value = placeOfAddress();
  const { key, ...list } = place.value;
  const { key: keyBefore, ...listBefore } = before;
  const isElsewhere = viewOf(before) !== viewOf(place.value);
  if (isElsewhere) {
    rows.value = requests.value = groups.value = null;
    next.value = searched.value = null;
  }
  if (key !== keyBefore || isElsewhere) showDetail();
  if (isElsewhere) followTimeline();
  if (JSON.stringify(list) !== JSON.stringify(listBefore)) showList();
}

function instantOf(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : at.toISOString();
}

export function filterParams(): Record<string, string> {
  const given = place.value;
  const isTime = (name: string) => name === "since" || name === "until";
  // A time in the address is the user's; the server has another zone.
  return Object.fromEntries(
    FILTERS[viewOf(given)].flatMap((name) => {
      const value = given[name];
      return value ? [[name, isTime(name) ? instantOf(value) : value]] : [];
    }),
  );
}

/** Runs a request; what goes wrong is said at the top of the page. */
export async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
    problem.value = null;
  } catch (error) {
    problem.value = error instanceof Error ? error.message : String(error);
  }
}

let asked = 0;
let loadedPages = 1;

/** Reads the list again: as many pages as are shown. */
export function showList(isQuiet = false): Promise<void> {
  if (!isQuiet) loadedPages = 1;
  if (viewOf(place.value) !== "dead") return showPage(++asked, { limit: String(Math.min(50 * loadedPages, 200)) });
  const mine = ++asked;
  return attempt(async () => {
    const found = await get<{ groups: readonly DeadGroup[]; isComplete: boolean }>("dead", filterParams());
    if (mine === asked) groups.value = found;
  });
}

/** Reads the next page of the list. */
export function showMore(): Promise<void> {
  return showPage(asked, { before: next.value ?? "" });
}

interface PageAnswer {
  readonly rows: readonly unknown[];
  readonly next: string | null;
  readonly searched?: { readonly events: number };
}

const idOf = (row: unknown): unknown => Object(row).cursor ?? Object(row).id;

function showPage(mine: number, part: Readonly<Record<string, string>>): Promise<void> {
  const isRequests = viewOf(place.value) === "requests";
  const list = (isRequests ? requests : rows) as Signal<readonly unknown[] | null>;
  return attempt(async () => {
    const found = await get<PageAnswer>(isRequests ? "recordings" : "page", { ...filterParams(), ...part });
    if (mine !== asked) return;
    const shown = list.value ?? [];
    if (part.before) loadedPages++;
    batch(() => {
      if (part.before) list.value = [...shown, ...found.rows];
      else {
        // One answer has 200 rows at most: what was read before them stays.
        const last = loadedPages > 4 ? shown.findIndex((row) => idOf(row) === idOf(found.rows.at(-1))) : -1;
        list.value = last < 0 ? found.rows : [...found.rows, ...shown.slice(last + 1)];
        if (last >= 0) return;
      }
      next.value = found.next;
      searched.value =
        found.searched && found.next ? `Searched ${found.searched.events.toLocaleString("en")} events so far.` : null;
    });
  });
}

export function showDetail(): Promise<void> {
  const { key } = place.value;
  const isRequest = viewOf(place.value) === "requests";
  if (!key) {
    detail.value = request.value = null;
    return Promise.resolve();
  }
  return attempt(async () => {
    if (isRequest) {
      const found = await get<RequestView>("recording", { key });
      if (place.value.key === key) request.value = found;
      return;
    }
    const found = await get<Detail>("get", { key });
    if (place.value.key !== key) return;
    const shown = detail.value;
    // What was revealed stays on the screen while the event itself is the same.
    const isRevealed = shown !== null && shown.key === key && !shown.isMasked && found.isMasked;
    detail.value = isRevealed && shown.updatedAt === found.updatedAt ? shown : found;
  });
}

export function revealDetail(): Promise<void> {
  const { key } = place.value;
  return attempt(async () => {
    const found = await act<Detail>("reveal", { key });
    if (place.value.key === key) detail.value = found;
  });
}

export const RANGES = {
  hour: { ms: 3_600_000, bucketMs: 60_000, label: "1 hour" },
  day: { ms: 86_400_000, bucketMs: 3_600_000, label: "24 hours" },
  week: { ms: 604_800_000, bucketMs: 21_600_000, label: "7 days" },
} as const;

let charted: { readonly at: number; readonly id: string | undefined } = { at: 0, id: undefined };

/** Follows changes with the chart, every ten seconds at most: of all parts of the page it costs the store the most. */
export function followTimeline(): Promise<void> | undefined {
  const isDue = charted.id !== snapshot.value?.id && Date.now() - charted.at >= 10_000;
  return isDue && viewOf(place.value) !== "requests" ? showTimeline() : undefined;
}

export function showTimeline(): Promise<void> {
  const { ms, bucketMs } = RANGES[range.value];
  charted = { at: Date.now(), id: snapshot.value?.id };
  return attempt(async () => {
    timeline.value = await get("timeline", { since: String(Date.now() - ms), bucketMs: String(bucketMs) });
  });
}

/** Reads everything that is on the screen again. */
export async function refresh(): Promise<void> {
  now.value = Date.now();
  await Promise.all([showList(true), showDetail(), followTimeline()]);
}
