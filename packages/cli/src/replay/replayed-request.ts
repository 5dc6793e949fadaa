import { CliError } from "../command-line/cli-error.ts";
import type { HeaderPair } from "../http/send-bytes.ts";
import { readRecording } from "../recordings/read-recording.ts";
import type { OpenedInbox } from "../stores/opened-inbox.ts";

/** A request that is sent again. */
export interface ReplayedRequest {
  /** What it is called in the output. */
  readonly title: string;
  readonly method: string;
  /** Without a signature where it has none of its own. */
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  /** Why it must be signed again; null while its own signature fits. */
  readonly signAgain: string | null;
}

/** A recorded request, with its own signature. */
export async function recordedRequest(reference: string): Promise<ReplayedRequest> {
  const { id, request, body } = await readRecording(reference);
  const { method, headers, event } = request;
  return { title: `${event ?? method}  ${id}`, method, headers, body, signAgain: null };
}

/** A stored event. An inbox keeps no signature. */
export async function storedRequest(inbox: OpenedInbox, id: string): Promise<ReplayedRequest> {
  const event = await inbox.get(id);
  if (!event)
    throw new CliError(
      "store",
      "NOT_FOUND",
      `No event in the inbox has the id ${id}. \`popp-webhooks inbox list\` lists them.`,
    );
  if (event.body === null)
    throw new CliError("store", "NO_BODY", `The body of ${id} is not kept any more, so that it cannot be sent.`);
  if (event.isMasked)
    throw new CliError(
      "store",
      "MASKED",
      `The inspector masks the body of ${id}. Give an address whose \`authorize\` returns body: "shown".`,
    );
  return {
    title: `${event.name}  ${id}`,
    method: "POST",
    headers: [["content-type", "application/json"]],
    body: event.body,
    signAgain: "An inbox keeps no signature",
  };
}

/** The request with a body that was edited. */
export function withBody(request: ReplayedRequest, body: Uint8Array): ReplayedRequest {
  if (Buffer.from(body).equals(request.body)) return request;
  const headers = request.headers.filter(([name]) => !/^x-signature$/i.test(name));
  return { ...request, headers, body, signAgain: "The body was changed" };
}
