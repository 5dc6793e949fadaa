import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { CliError } from "../command-line/cli-error.ts";
import { poppFolder } from "../command-line/popp-folder.ts";
import { requestSchema, responseSchema } from "./recorded-schema.ts";
import { recordingIds } from "./recorder.ts";
import type { RecordedRequest, RecordedResponse, Recording } from "./recording.ts";

/**
 * Reads a recording.
 *
 * @param reference - `last`, an id, or the beginning or the end of one
 * @throws CliError when there is none, or more than one
 */
export async function readRecording(reference: string, folder: string = poppFolder().recordings): Promise<Recording> {
  const ids = await recordingIds(folder);
  const matches =
    reference === "last"
      ? ids.slice(-1)
      : ids.filter((id) => reference !== "" && (id.startsWith(reference) || id.endsWith(reference)));
  const [id, ...others] = matches;
  if (id === undefined) {
    const advice =
      ids.length > 0 ? `The newest of ${ids.length} is ${ids.at(-1)}.` : "Record some with `popp-webhooks dev`.";
    throw new CliError("usage", "NO_RECORDING", `There is no recording "${reference}" in ${folder}. ${advice}`);
  }
  if (others.length > 0)
    throw new CliError(
      "usage",
      "NO_RECORDING",
      `"${reference}" fits ${matches.length} recordings. Give more of the id.`,
    );
  return readFolder(folder, id);
}

/** Reads the recording of an id; undefined when there is none. */
export async function findRecording(folder: string, id: string): Promise<Recording | undefined> {
  return (await recordingIds(folder)).includes(id) ? readFolder(folder, id) : undefined;
}

/** Reads one recording of a folder. */
async function readFolder(parent: string, id: string): Promise<Recording> {
  const folder = join(parent, id);
  try {
    const request: RecordedRequest = v.parse(requestSchema, await jsonOf(folder, "request.json"));
    const body = new Uint8Array(await readFile(join(folder, "body.bin")));
    const answer = await jsonOf(folder, "response.json").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    const response: RecordedResponse | undefined = v.parse(v.optional(responseSchema), answer);
    return { id, folder, request, body, response };
  } catch (cause) {
    throw new CliError(
      "usage",
      "RECORDING_DAMAGED",
      `The recording ${folder} cannot be read: its files are not as \`dev\` writes them. Mend them, or remove the folder.`,
      { cause },
    );
  }
}

/** Reads some recordings of a folder. One that cannot be read does not hide the others, and is told. */
export async function readSome(
  parent: string,
  ids: readonly string[],
  say: (sentence: string) => void,
): Promise<readonly Recording[]> {
  const read = await Promise.allSettled(ids.map((id) => readFolder(parent, id)));
  return read.flatMap((each) => {
    if (each.status === "fulfilled") return [each.value];
    say(`warning: ${each.reason.message}`);
    return [];
  });
}

async function jsonOf(folder: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), "utf8"));
}
