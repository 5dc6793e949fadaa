import { WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import type { DurableInbox, InboxRecord, ListFilter, Page } from "@popp-webhooks/inbox";
import type { NodeRequest, NodeResponse } from "./node-listener.ts";
import type { Recordings } from "./requests/recordings.ts";

/** What a user of the page may see and do. */
export interface Access {
  /** Who it is. It is shown on the page and reported to `onAccess`. */
  readonly name: string;
  /** `read`: look only; the server refuses every act with 405. `act`: also redrive, erase, pause and resume. */
  readonly can: "read" | "act";
  /**
   * What the user sees of bodies and error messages. `masked`: no value leaves the server, and a search by text is refused. `reveal`: the
   * values of one event at a time, each reveal reported. `shown`: all.
   */
  readonly body: "masked" | "reveal" | "shown";
}

/** What a user did. */
export interface AccessEntry {
  /** The name that `authorize` returned. */
  readonly name: string;
  /** `reveal`: saw the values of one event. `search`: searched bodies by text. The others are acts. */
  readonly action: "reveal" | "search" | "redrive" | "erase" | "pause" | "resume";
  /** The event's `idempotencyKey`, the paused name, or the filter as JSON, without a searched text. */
  readonly target: string;
  /** How many events were redriven or erased; null for other actions. */
  readonly count: number | null;
  /** When, by the clock of this process. */
  readonly at: Date;
}

/** Which deployment the page shows. */
export interface Environment {
  /** Its name, such as `production`. */
  readonly name: string;
  /** The color of its badge: `#rrggbb`. */
  readonly color: string;
}

/** Why `authorize` refuses a request. */
export type AccessRefused = false | null | undefined;

/** A record of an inbox, whatever its catalog. */
export type InspectorRecord = Omit<InboxRecord, "event">;

/** One page of the list, whatever the catalog. */
export interface InspectorPage extends Omit<Page, "records"> {
  /** The events, newest first. */
  readonly records: readonly InspectorRecord[];
}

/** What the inspector needs of an inbox. Every inbox of `createInbox` has it, whatever its catalog. */
export interface InspectorInbox
  extends Pick<DurableInbox, "related" | "redrive" | "erase" | "pause" | "resume" | "timeline" | "stats"> {
  /** Reads one page of the list. */
  page(filter?: ListFilter): Promise<InspectorPage>;
  /** Lists events, newest first. */
  events(filter?: ListFilter): AsyncIterable<InspectorRecord>;
  /** Returns one event with its body. */
  get(id: string): Promise<InspectorRecord | undefined>;
}

/** The options of `toInspector`. */
export interface InspectorOptions {
  /**
   * Says who sends a request, and what they may see and do; false refuses it with 403. It is called for every request, the page itself included.
   * Required: there is no page without it.
   */
  readonly authorize: (request: Request) => Access | AccessRefused | Promise<Access | AccessRefused>;
  /**
   * Is told of each reveal, search and act, before its answer. When it fails, a reveal and a search are refused with 500. Acts have happened by then.
   */
  readonly onAccess?: (entry: AccessEntry) => unknown;
  /** A badge that says which deployment this is. Default: none. */
  readonly environment?: Environment;
  /** Requests that a recorder keeps, for a second list on the page. Default: none. */
  readonly recordings?: Recordings;
  /** How often the store is asked for changes while a page is open, in milliseconds: once for all pages. Default: 1,000. */
  readonly pollMs?: number;
  /**
   * How the page learns of changes: by a stream of the server, or by asking every two seconds. Default: `stream`, and `poll` on Cloudflare Workers,
   * where requests cannot share a poll.
   */
  readonly live?: "stream" | "poll";
  /** Further origins from which acts are accepted, such as `https://admin.example.com`, for a proxy that changes the host. Default: none. */
  readonly origins?: readonly string[];
}

/** A mounted inspector. */
export interface Inspector {
  /** Answers a request for the page or its data. Never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Answers a request of a Node server, of Express or of Fastify (`reply.hijack()` first). Never rejects. */
  readonly listener: (request: NodeRequest, response: NodeResponse) => Promise<void>;
}

const RULES = {
  authorize: "function",
  onAccess: "function",
  environment: {
    expected: "an object with `name` (1 to 40 characters) and `color` (#rrggbb)",
    accepts: (value: unknown) => {
      const { name, color } = Object(value);
      return typeof name === "string" && name.length > 0 && name.length <= 40 && /^#[0-9a-f]{6}$/i.test(String(color));
    },
  },
  recordings: {
    expected: "an object with the methods list, get and version",
    accepts: (value: unknown) =>
      ["list", "get", "version"].every((name) => typeof Reflect.get(Object(value), name) === "function"),
  },
  pollMs: { min: 100, max: 60_000, integer: true },
  live: { expected: '"stream" or "poll"', accepts: (value: unknown) => value === "stream" || value === "poll" },
  origins: {
    expected: "a list of origins, such as https://admin.example.com",
    accepts: (value: unknown) => Array.isArray(value) && value.every(isOrigin),
  },
} as const;

function isOrigin(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && new URL(value).origin === value;
}

const METHODS = [
  "page",
  "events",
  "get",
  "related",
  "redrive",
  "erase",
  "pause",
  "resume",
  "timeline",
  "stats",
] as const;

/** @throws WebhookError `CONFIG_INVALID` when the inbox or an option is not usable */
export function checkInspector(inbox: InspectorInbox, options: InspectorOptions): void {
  if (METHODS.some((method) => typeof Reflect.get(Object(inbox), method) !== "function"))
    throw new WebhookError("CONFIG_INVALID", "toInspector: the first argument must be what `createInbox` returns.");
  checkOptions("toInspector", options, RULES);
  if (typeof Object(options).authorize !== "function")
    throw new WebhookError(
      "CONFIG_INVALID",
      "toInspector: `authorize` is required: a function that returns false, or who it is and what they may see and do.",
    );
}
