import { isWebhookError } from "@popp-webhooks/core";
import { tellOperator } from "@popp-webhooks/core/internal";
import { ACTS, reveal } from "./acts.ts";
import { answer, json, Refused } from "./answer.ts";
import { groupDead } from "./dead-letters.ts";
import {
  type Access,
  type AccessEntry,
  checkInspector,
  type Inspector,
  type InspectorInbox,
  type InspectorOptions,
} from "./inspector-options.ts";
import { LiveFeed } from "./live.ts";
import { serveNode } from "./node-listener.ts";
import { isOwnRequest } from "./origin.ts";
import { PAGE, POLICY } from "./page.generated.ts";
import { filterFrom, numberFrom } from "./query.ts";
import { listRequests, requestOf } from "./requests/list-requests.ts";
import { detailOf, rowOf } from "./views.ts";

/** The longest body of an act, in bytes. */
const MAX_ACT = 65_536;

/**
 * Makes a page that shows the events of an inbox, as a fetch handler. It can be mounted at any path: its API is the page's own address with a
 * query.
 *
 * @param inbox - the inbox; one with `on: "elsewhere"` is enough
 * @param options - `authorize` is required
 * @throws WebhookError `CONFIG_INVALID` when an option is not usable
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 * import { toInspector } from "@popp-webhooks/inspector";
 *
 * const { ADMIN_TOKEN } = process.env;
 * const inbox = createInbox({ store: sqliteStore("popp.db"), on: "elsewhere" });
 * export const inspector = toInspector(inbox, {
 *   authorize: ({ headers }) =>
 *     Boolean(ADMIN_TOKEN) &&
 *     headers.get("authorization") === `Bearer ${ADMIN_TOKEN}` &&
 *     { name: "admin", can: "act", body: "reveal" },
 * });
 * ```
 */
export function toInspector(inbox: InspectorInbox, options: InspectorOptions): Inspector {
  checkInspector(inbox, options);
  const { authorize, onAccess, environment = null, recordings, pollMs = 1_000, origins = [] } = options;
  const live =
    options.live ??
    (Object(Reflect.get(globalThis, "navigator")).userAgent === "Cloudflare-Workers" ? "poll" : "stream");
  const feed = new LiveFeed(inbox, recordings, pollMs);

  async function tell(access: Access, entry: Pick<AccessEntry, "action" | "target" | "count">): Promise<void> {
    await onAccess?.({ name: access.name, ...entry, at: new Date() });
  }

  async function read(api: string, params: URLSearchParams, access: Access, request: Request): Promise<Response> {
    const isMasked = access.body !== "shown";
    const filter = filterFrom((name) => params.get(name));
    if (filter.text !== undefined) {
      if (access.body === "masked") throw new Refused(403, "A search by text would tell what is masked.");
      const { text: _, before: __, ...said } = filter;
      await tell(access, { action: "search", target: JSON.stringify(said), count: null });
    }
    switch (api) {
      case "session": {
        const { name, can, body } = access;
        return json({ name, can, body, environment, live, hasRecordings: recordings !== undefined });
      }
      case "page": {
        const page = await inbox.page({ ...filter, limit: numberFrom(params, "limit", 50, 200) });
        const { records, ...rest } = page;
        return json({ ...rest, rows: records.map((record) => rowOf(record, isMasked)) });
      }
      case "get": {
        const record = await inbox.get(params.get("key") ?? "");
        if (record === undefined) throw new Refused(404, "There is no such event.");
        return json(detailOf(record, isMasked));
      }
      case "related": {
        if (isMasked) throw new Refused(403, "Values are masked for you.");
        return json(await inbox.related(params.get("about") ?? ""));
      }
      case "stats":
        return json(await inbox.stats());
      case "dead":
        return json(await groupDead(inbox, filter, isMasked));
      case "timeline": {
        const bucketMs = numberFrom(params, "bucketMs", 3_600_000, 31_622_400_000);
        const { since, until } = filter;
        return json(await inbox.timeline({ bucketMs, ...(since && { since }), ...(until && { until }) }));
      }
      case "changes":
        return json(await feed.look());
      case "live": {
        if (live === "poll") return json(await feed.look());
        const lastId = request.headers.get("last-event-id") ?? params.get("last");
        return answer(feed.stream(lastId), "text/event-stream; charset=utf-8", 200, { "x-accel-buffering": "no" });
      }
      case "recordings": {
        if (recordings === undefined) break;
        return json(await listRequests(recordings, params, isMasked));
      }
      case "recording": {
        const found = await recordings?.get(params.get("key") ?? "");
        if (found === undefined) throw new Refused(404, "There is no such request.");
        return json(requestOf(found, isMasked));
      }
    }
    throw new Refused(404, "There is no such part of the inspector.");
  }

  async function act(api: string, access: Access, request: Request): Promise<Response> {
    const run = api === "reveal" ? reveal : Object.hasOwn(ACTS, api) ? ACTS[api] : undefined;
    if (run === undefined) throw new Refused(404, "There is no such act.");
    if (api !== "reveal" && access.can !== "act") throw new Refused(405, "You may read only.", { allow: "GET, HEAD" });
    if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? ""))
      throw new Refused(415, "The content type must be application/json.");
    const input = inputOf(await request.text());
    return json(await run({ inbox, access, input, tell: (entry) => tell(access, entry) }));
  }

  async function respond(request: Request): Promise<Response> {
    const { method } = request;
    const params = new URL(request.url).searchParams;
    const api = params.get("api");
    if (method !== "GET" && method !== "HEAD" && method !== "POST")
      throw new Refused(405, "The method is not allowed.", { allow: "GET, HEAD, POST" });
    if ((api !== null || method === "POST") && !isOwnRequest(request, origins))
      throw new Refused(403, "The request comes from another site.");
    const access = accessOf(await authorize(request));
    if (access === undefined) throw new Refused(403, "You may not open the inspector.");
    if (method === "POST") return act(api ?? "", access, request);
    if (api !== null) return read(api, params, access, request);
    return answer(PAGE, "text/html; charset=utf-8", 200, { "content-security-policy": POLICY });
  }

  async function fetch(request: Request): Promise<Response> {
    try {
      const response = await respond(request);
      return request.method === "HEAD" ? new Response(null, response) : response;
    } catch (error) {
      if (error instanceof Refused) return json({ error: error.message }, error.status, error.headers);
      if (isWebhookError(error, "CONFIG_INVALID")) return json({ error: error.message }, 400);
      if (isWebhookError(error)) return json({ error: error.message }, error.status, { "retry-after": "5" });
      tellOperator({
        ...{ level: "error", code: "INTERNAL", cause: error },
        sentence: "The inspector failed to answer a request. Look at `authorize`, `onAccess` and the store.",
      });
      return json({ error: "The inspector failed. The server's log has the reason." }, 500);
    }
  }

  return { fetch, listener: (request, response) => serveNode(fetch, request, response) };
}

/** Anything that is not a whole answer of `authorize` refuses: a misspelled right must not become a larger one. */
function accessOf(value: unknown): Access | undefined {
  const { name, can, body } = Object(value);
  const isWhole =
    typeof name === "string" && (can === "read" || can === "act") && ["masked", "reveal", "shown"].includes(body);
  return isWhole ? { name, can, body } : undefined;
}

function inputOf(text: string): Readonly<Record<string, unknown>> {
  if (text.length > MAX_ACT) throw new Refused(413, "The body is too large.");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Refused(400, "The body must be a JSON object.");
}
