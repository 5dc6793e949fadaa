import type { PoppEventName } from "@popp-webhooks/core";
import { eventNames } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import { editText } from "../command-line/edit-text.ts";
import { eventNameOf } from "../command-line/event-name.ts";
import { readBytes } from "../command-line/read-bytes.ts";
import { textOf } from "../recordings/recording.ts";
import { type BodySource, bytesOf, bytesSource, changedBytes, fixtureSource, jsonOf } from "./body-source.ts";
import { type Change, warningsOf } from "./changes.ts";

/** What is sent where nothing is named. */
const DEFAULT_EVENT: PoppEventName = "CONVERSATION_COMPLETED";

/** The options that say what is sent. */
export interface SourceOptions {
  readonly all?: true | undefined;
  readonly data?: readonly Change[] | undefined;
  readonly file?: string | undefined;
  readonly edit?: true | undefined;
  readonly eventId?: string | undefined;
  readonly input: boolean;
}

/** Finds what is sent: the fixtures of the events that are named, or the bytes of a file; in the editor it becomes bytes, too. */
export async function sourcesOf(
  given: readonly string[],
  options: SourceOptions,
  say: (text: string) => void,
): Promise<readonly BodySource[]> {
  const { all, data = [], file, edit, eventId, input } = options;
  if ([given.length > 0, all, file !== undefined].filter(Boolean).length > 1)
    throw new CliError("usage", "USAGE", "Give names of events, --all, or --file: one of them.");
  const changes = { data, eventId };
  if (file !== undefined) {
    const bytes = await readBytes("--file", file);
    const isChanged = data.length > 0 || eventId !== undefined;
    if (isChanged) say("The body is serialized again, with the changes.");
    else if (!edit) return [bytesSource(bytes, file === "-" ? undefined : file)];
    return [bytesSource(edited(isChanged ? changedBytes(bytes, changes) : bytes))];
  }
  const names = all ? eventNames : given.length > 0 ? given.map(eventNameOf) : [DEFAULT_EVENT];
  for (const warning of warningsOf(data, names)) say(warning);
  const sources = names.map((name) => fixtureSource(name, changes));
  const [first, ...others] = sources;
  if (!edit || !first) return sources;
  if (others.length > 0) throw new CliError("usage", "USAGE", "--edit changes one body: name one event.");
  return [bytesSource(edited(bytesOf(`${JSON.stringify(jsonOf(first.next().bytes), null, 2)}\n`)))];

  function edited(bytes: Uint8Array): Uint8Array {
    if (!edit) return bytes;
    const text = textOf(bytes);
    if (text === undefined)
      throw new CliError("usage", "FILE_NOT_TEXT", "The file is not UTF-8, so that --edit cannot open it.");
    const after = bytesOf(editText(text, { isAllowed: input }));
    if (jsonOf(after) === undefined) say("warning: the body is no JSON. It is sent all the same.");
    return after;
  }
}
