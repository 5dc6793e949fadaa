import type { Recording as Listed, Recordings } from "@popp-webhooks/inspector";
import { findRecording, readSome } from "./read-recording.ts";
import { type Recorder, recordingIds } from "./recorder.ts";
import type { Recording } from "./recording.ts";

/**
 * The recordings of a folder, for the inspector's page.
 *
 * @param say - told once of each recording that cannot be read. The page reads the list again and again
 */
export function recordingsForInspector(folder: string, recorder: Recorder, say: (text: string) => void): Recordings {
  const told = new Set<string>();
  const sayOnce = (warning: string) => {
    if (!told.has(warning)) say(warning);
    told.add(warning);
  };
  return {
    version: () => recorder.version,
    async list({ before, limit }) {
      const ids = (await recordingIds(folder)).reverse();
      const start = before === null ? 0 : ids.findIndex((id) => id < before);
      const page = start < 0 ? [] : ids.slice(start, start + limit);
      return (await readSome(folder, page, sayOnce)).map(listed);
    },
    async get(id) {
      const recording = await findRecording(folder, id);
      if (!recording) return undefined;
      const { request, body, response } = recording;
      return {
        ...listed(recording),
        headers: request.headers,
        body,
        response: response
          ? { headers: response.headers, body: new Uint8Array(Buffer.from(response.body, response.encoding)) }
          : null,
      };
    },
  };
}

function listed({ id, request, response }: Recording): Listed {
  const { receivedAt, method, path, verdict, explanation, event, inboxKey } = request;
  return {
    id,
    atMs: Date.parse(receivedAt),
    method,
    path,
    status: response?.status ?? null,
    durationMs: response?.ms ?? null,
    verdict,
    explanation,
    event,
    eventId: inboxKey,
  };
}
