import type { EventFilter, HistoryEntry, RedriveResult, Related } from "@popp-webhooks/inbox";
import { CliError } from "../command-line/cli-error.ts";
import type { InspectorClient } from "./inspector-client.ts";
import type { EventDetail, EventPage, ListedEvent, OpenedInbox } from "./opened-inbox.ts";
import { storeError } from "./store-error.ts";

/** What an inspector lets the command see and do. */
interface Session {
  readonly can: "read" | "act";
  readonly body: "masked" | "reveal" | "shown";
}

/** A row as the inspector sends it. */
interface WireRow {
  readonly [field: string]: unknown;
  readonly key: string;
  readonly receivedAt: number;
  readonly dueAt: number | null;
  readonly error: string | null;
}
interface WireDetail extends WireRow {
  readonly updatedAt: number;
  readonly lastSeenAt: number;
  readonly isMasked: boolean;
  readonly body: { readonly text: string | null; readonly hex: string | null } | null;
  readonly history: readonly (HistoryEntry & { readonly at: string; readonly latest?: string })[];
}

/** The most rows that an inspector sends at once. */
const MAX_ROWS = 200;

/** An inbox behind a mounted inspector. */
export async function remoteInbox(client: InspectorClient): Promise<OpenedInbox> {
  const { can, body: rights } = (await client.get("session")) as Partial<Session>;
  if ((can !== "read" && can !== "act") || rights === undefined)
    throw storeError("STORE_MISSING", "There is no inspector at this address: its answer has no session.");

  return {
    page: async ({ limit, before, ...filter }) => {
      const rows = limit === undefined ? undefined : Math.min(limit, MAX_ROWS);
      const page = Object(await client.get("page", { ...paramsOf(filter), before: before ?? undefined, limit: rows }));
      const { next, isComplete, searched } = page;
      const backTo = searched?.backTo ? new Date(searched.backTo) : null;
      return {
        ...{ next, isComplete, events: page.rows.map(listedOf) },
        searched: searched && { events: searched.events, backTo },
      } satisfies EventPage;
    },
    get: async (key) => {
      const detail = await orUndefined(client.get("get", { key }));
      if (detail === undefined) return undefined;
      const isHidden = Object(detail).isMasked === true && rights === "reveal";
      // The inspector reports it to `onAccess`.
      return detailOf((isHidden ? await client.post("reveal", { key }) : detail) as WireDetail);
    },
    stats: async () => (await client.get("stats")) as Awaited<ReturnType<OpenedInbox["stats"]>>,
    redrive: async (which, options) => {
      const target = typeof which === "string" ? { key: which } : { filter: paramsOf(which) };
      return (await client.post("redrive", { ...target, ...options })) as RedriveResult;
    },
    erase: async (which, options) => {
      if (typeof which !== "string")
        throw new CliError(
          "usage",
          "NOT_OFFERED",
          "An inspector erases one event at a time: give its ID. For more, run the command where the store is.",
        );
      const { erased, unreadable } = Object(await client.post("erase", { key: which, ...options }));
      return { erased, unreadable };
    },
    pause: async (name) => void (await client.post("pause", { name })),
    resume: async (name) => void (await client.post("resume", { name })),
    related: async (about) => (await client.get("related", { about })) as Related,
    timeline: async ({ since, until, bucketMs }) => {
      const entries = await client.get("timeline", { ...paramsOf({ since, until } as EventFilter), bucketMs });
      return (entries as { at: string; received: number; done: number; dead: number; duplicates: number }[]).map(
        (entry) => ({ ...entry, at: new Date(entry.at) }),
      );
    },
    close: async () => {},
  };
}

function paramsOf({ since, until, about, ...rest }: EventFilter): Record<string, string | undefined> {
  if (about !== undefined && typeof about !== "string")
    throw new CliError("usage", "NOT_OFFERED", "An inspector takes one value of --about, without a field's name.");
  const { before: _, ...texts } = rest;
  return { ...texts, about, since: since?.toISOString(), until: until?.toISOString() };
}

/** There is no such event, which is no failure of the store. */
async function orUndefined(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => {
    if (error instanceof CliError && /no such event/.test(error.message)) return undefined;
    throw error;
  });
}

function listedOf({ key, receivedAt, dueAt, error, ...row }: WireRow): ListedEvent {
  const { id, name, recordId, state, note, attempts, duplicates, cursor } = row as unknown as ListedEvent;
  const [, errorName = "", message = ""] = /^([^:]*): (.*)$/s.exec(error ?? "") ?? [];
  return {
    ...{ idempotencyKey: key, id, name, recordId, state, note, attempts, duplicates, cursor },
    receivedAt: new Date(receivedAt),
    dueAt: dueAt === null ? null : new Date(dueAt),
    error: error === null ? null : { name: errorName, message },
  };
}

function detailOf(detail: WireDetail): EventDetail {
  const { hash, crashes, conflicts, hasBody, headers } = detail as unknown as EventDetail;
  return {
    ...listedOf(detail),
    ...{ hash, crashes, conflicts, hasBody, headers, isMasked: detail.isMasked },
    updatedAt: new Date(detail.updatedAt),
    lastSeenAt: new Date(detail.lastSeenAt),
    body: bytesOf(detail.body),
    history: detail.history.map((entry) => ({
      ...entry,
      at: new Date(entry.at),
      ...("latest" in entry && { latest: new Date(String(entry.latest)) }),
    })) as readonly HistoryEntry[],
  };
}

/** Text came from bytes that are valid UTF-8, so it gives the same bytes. */
function bytesOf(body: WireDetail["body"]): Uint8Array | null {
  if (body?.text != null) return new TextEncoder().encode(body.text);
  return body?.hex == null ? null : Buffer.from(body.hex, "hex");
}
