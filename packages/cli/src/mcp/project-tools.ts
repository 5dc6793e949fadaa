import { eventNames, fixture } from "@popp-webhooks/testing";
import * as v from "valibot";
import { eventNameOf } from "../command-line/event-name.ts";
import { poppFolder } from "../command-line/popp-folder.ts";
import { fieldsOf, readSchema } from "../events/event-schema.ts";
import { readRecording, readSome } from "../recordings/read-recording.ts";
import { recordingIds } from "../recordings/recorder.ts";
import type { Recording } from "../recordings/recording.ts";
import type { Tool } from "./create-mcp-server.ts";

/** How many recordings one call lists. */
const LISTED = 20;

const eventInput = v.object({ event: v.optional(v.string()) });
const recordingInput = v.object({ id: v.optional(v.pipe(v.string(), v.description("`last`, or an id.")), "last") });

/** The tools that need no store: the recordings of `dev`, and what Popp documents. */
export function projectTools(): readonly Tool[] {
  return [
    {
      name: "list_recordings",
      description: "List the latest requests that `popp-webhooks dev` received, with the verdict of each signature.",
      schema: v.object({}),
      run: async () => {
        const { recordings } = poppFolder();
        const ids = (await recordingIds(recordings)).slice(-LISTED).reverse();
        const warnings: string[] = [];
        const read = await readSome(recordings, ids, (warning) => void warnings.push(warning));
        return { recordings: read.map(summaryOf), ...(warnings.length > 0 && { warnings }) };
      },
    },
    {
      name: "explain_recording",
      description: "Say why a recorded request was refused, and what to change. Its body and headers are not shown.",
      schema: recordingInput,
      run: async ({ id }: v.InferOutput<typeof recordingInput>) => {
        const recording = await readRecording(id);
        const names = recording.request.headers.map(([name]) => name);
        return { ...summaryOf(recording), explanation: recording.request.explanation, headerNames: names };
      },
    },
    {
      name: "documented_events",
      description: "List the events that Popp documents, or the fields of one with an invented example.",
      schema: eventInput,
      run: async ({ event }: v.InferOutput<typeof eventInput>) => {
        if (event === undefined)
          return { events: eventNames.map((name) => ({ name, meaning: readSchema(name).description })) };
        const name = eventNameOf(event);
        return { name, fields: fieldsOf(name), example: fixture(name) };
      },
    },
  ];
}

function summaryOf({ id, request, response }: Recording): object {
  const { receivedAt, method, verdict, event } = request;
  return { id, receivedAt, method, verdict, event, status: response?.status ?? null };
}
