import { CliError } from "../command-line/cli-error.ts";
import { readBytes } from "../command-line/read-bytes.ts";
import type { HeaderPair } from "../http/send-bytes.ts";
import { signaturesOf } from "../http/signatures-of.ts";
import { readRecording } from "../recordings/read-recording.ts";
import { readCurl } from "./read-curl.ts";
import { readHeaders } from "./read-headers.ts";

/** A delivery to explain. */
export interface GivenDelivery {
  readonly body: Uint8Array;
  readonly signatures: readonly string[];
  readonly headers: readonly HeaderPair[];
}

/** The options that say where the delivery is. */
export interface DeliveryOptions {
  readonly file?: string | undefined;
  readonly signature?: readonly string[] | undefined;
  readonly headers?: string | undefined;
  readonly curl?: string | undefined;
}

/** Reads the delivery of a recording, of a curl command, or of a file and its signature. */
export async function givenDelivery(
  recording: string | undefined,
  { file, signature, headers: headersFile, curl }: DeliveryOptions,
): Promise<GivenDelivery> {
  const isFile = [file, signature, headersFile].some((option) => option !== undefined);
  if ([recording !== undefined, curl !== undefined, isFile].filter(Boolean).length > 1)
    throw new CliError("usage", "USAGE", "Give a recording, --curl, or --file with its signature: one of them.");
  if (recording !== undefined) return recorded(recording);
  if (curl !== undefined) {
    const { body, headers } = await readCurl(new TextDecoder().decode(await readBytes("--curl", curl)));
    return { body, headers, signatures: signaturesOf(headers) };
  }
  if (signature === undefined && headersFile === undefined)
    throw new CliError(
      "usage",
      "USAGE",
      "Name a recording, such as last, or give a body and its signature: --file body.bin --signature <value>.",
    );
  if (headersFile === "-" && (file === undefined || file === "-"))
    throw new CliError("usage", "USAGE", "Standard input cannot be both the body and the headers: give --file.");
  const headers =
    headersFile === undefined ? [] : readHeaders(new TextDecoder().decode(await readBytes("--headers", headersFile)));
  return { body: await readBytes("--file", file ?? "-"), headers, signatures: signature ?? signaturesOf(headers) };
}

async function recorded(reference: string): Promise<GivenDelivery> {
  const { id, request, body } = await readRecording(reference);
  if (request.isCut)
    throw new CliError(
      "failed",
      "BODY_CUT",
      `The body of ${id} was too large to be recorded whole, so that its signature cannot be checked.`,
    );
  return { body, headers: request.headers, signatures: signaturesOf(request.headers) };
}
