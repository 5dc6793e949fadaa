import type { EventFilter } from "@popp-webhooks/inbox";
import * as v from "valibot";
import { CliError } from "../command-line/cli-error.ts";
import { jsonRow } from "../inbox/event-row.ts";
import { redacted } from "../inbox/redacted.ts";
import type { OpenedInbox } from "../stores/opened-inbox.ts";
import type { Tool } from "./create-mcp-server.ts";

/** A filter as an assistant gives it. A search by text is missing: its answer would tell what bodies hold. */
const filter = {
  state: v.optional(v.picklist(["received", "processing", "retry", "done", "dead", "rejected"])),
  event: v.optional(v.pipe(v.string(), v.description("The event's name, such as CONVERSATION_COMPLETED."))),
  recordId: v.optional(v.string()),
  since: v.optional(v.pipe(v.string(), v.isoTimestamp(), v.description("Received then or later: ISO 8601."))),
};

const listInput = v.object({
  ...filter,
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50)), 20),
  before: v.optional(v.pipe(v.string(), v.description("`next` of the page before."))),
});

const idInput = v.object({ id: v.pipe(v.string(), v.description("The `id` of a listed event.")) });

const redriveInput = v.object({
  id: v.optional(v.string()),
  ...filter,
  dryRun: v.optional(v.pipe(v.boolean(), v.description("Only count: begin with that.")), true),
});

/** The tools that look into the inbox, and the one that runs events again. */
export function inboxTools(open: () => Promise<OpenedInbox>): readonly Tool[] {
  let opened: Promise<OpenedInbox> | undefined;
  // A failed opening is not kept: the next call tries again.
  const inbox = () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  const masked = async () => redacted(await inbox());
  return [
    {
      name: "list_events",
      description:
        "List stored events, newest first: state, attempts and the class of the last error. Values are masked.",
      schema: listInput,
      run: async ({ limit, before, ...given }: v.InferOutput<typeof listInput>) => {
        const page = await (await masked()).page({
          ...filterOf(given),
          limit,
          ...(before !== undefined && { before }),
        });
        return { events: page.events.map(jsonRow), next: page.next };
      },
    },
    {
      name: "get_event",
      description: "Show one event with the timeline of its attempts. Every value of its body is masked.",
      schema: idInput,
      run: async ({ id }: v.InferOutput<typeof idInput>) => {
        const found = await (await masked()).get(id);
        if (!found) throw new CliError("store", "NOT_FOUND", `No event has the id ${id}. list_events lists them.`);
        const { body, ...event } = found;
        return { ...event, body: body && new TextDecoder().decode(body) };
      },
    },
    {
      name: "inbox_stats",
      description: "Count events by state and name, with the oldest that is due.",
      schema: v.object({}),
      run: async () => (await inbox()).stats(),
    },
    {
      name: "redrive_events",
      description: "Run events again, one by its id or all that match. Handlers act again: count first, with dryRun.",
      schema: redriveInput,
      writes: true,
      run: async ({ id, dryRun, ...given }: v.InferOutput<typeof redriveInput>) => {
        const which = id ?? filterOf(given);
        if (typeof which === "object" && Object.keys(which).length === 0)
          throw new CliError("usage", "USAGE", "Give an id or a filter, such as the state dead.");
        return (await inbox()).redrive(which, { dryRun });
      },
    },
  ];
}

function filterOf({ since, ...given }: { readonly since?: string | undefined }): EventFilter {
  return { ...given, ...(since !== undefined && { since: new Date(since) }) };
}
