import { Refused } from "../answer.ts";
import { type Content, contentOf } from "../contents.ts";
import { MASK, maskContent } from "../mask.ts";
import { filterFrom, numberFrom } from "../query.ts";
import type { Recording, RecordingDetail, Recordings } from "./recordings.ts";

/** How many recordings are looked at for one page of the list. */
const MOST = 5_000;

const ANSWERS: Readonly<Record<string, (status: number | null) => boolean>> = {
  accepted: (status) => status !== null && status < 300,
  refused: (status) => status !== null && status >= 300,
  none: (status) => status === null,
};

/** One page of the list. */
export interface RequestPage {
  readonly rows: readonly Recording[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}

/** One recording, as the page gets it. */
export interface RequestView extends Omit<RecordingDetail, "body" | "response"> {
  readonly isMasked: boolean;
  readonly body: Content;
  readonly response: { readonly headers: RecordingDetail["headers"]; readonly body: Content } | null;
}

/** Reads one page of the list, the newest first. */
export async function listRequests(
  recordings: Recordings,
  params: URLSearchParams,
  isMasked: boolean,
): Promise<RequestPage> {
  const limit = numberFrom(params, "limit", 50, 200);
  const fits = filterOf(params);
  // A recording is a file or more: no more of them are read than are shown, where all are.
  const size = ["answer", "event", "find", "since", "until"].some((name) => params.get(name)) ? 200 : limit + 1;
  const rows: Recording[] = [];
  let before = params.get("before");
  for (let read = 0; read < MOST; read += size) {
    const batch = await recordings.list({ before, limit: size });
    for (const one of batch) {
      if (!fits(one)) continue;
      if (rows.length === limit) return { rows, next: rows.at(-1)?.id ?? null };
      rows.push(isMasked ? { ...one, path: masked(one.path) } : one);
    }
    if (batch.length < size) return { rows, next: null };
    before = batch.at(-1)?.id ?? null;
  }
  return { rows, next: before };
}

/** Makes the detail of a recording. */
export function requestOf(recording: RecordingDetail, isMasked: boolean): RequestView {
  const { path, headers, body, response } = recording;
  if (!isMasked)
    return {
      ...{ ...recording, isMasked, body: contentOf(body) },
      response: response && { headers: response.headers, body: contentOf(response.body) },
    };
  const names = (pairs: RecordingDetail["headers"]) => pairs.map(([name]) => [name, MASK] as const);
  return {
    ...{ ...recording, isMasked, path: masked(path), headers: names(headers), body: maskContent(body) },
    response: response && { headers: names(response.headers), body: maskContent(response.body) },
  };
}

function filterOf(params: URLSearchParams): (recording: Recording) => boolean {
  const { event, since, until } = filterFrom((name) => params.get(name));
  const find = (params.get("find") ?? "").slice(0, 500).toLowerCase();
  const answer = params.get("answer") ?? "";
  if (answer !== "" && !Object.hasOwn(ANSWERS, answer))
    throw new Refused(400, `answer must be one of ${Object.keys(ANSWERS).join(", ")}.`);
  return (recording) => {
    const { atMs, status, method, path, verdict, explanation, eventId } = recording;
    return (
      (ANSWERS[answer]?.(status) ?? true) &&
      (event === undefined || recording.event === event) &&
      (since === undefined || atMs >= since.getTime()) &&
      (until === undefined || atMs < until.getTime()) &&
      [`${method} ${path}`, `${status}`, verdict, explanation, eventId].some((text) =>
        text?.toLowerCase().includes(find),
      )
    );
  };
}

/** A query may have values. */
function masked(path: string): string {
  return path.replace(/\?.*/s, `?${MASK}`);
}
