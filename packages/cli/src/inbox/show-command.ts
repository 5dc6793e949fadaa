import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../command-line/cli-error.ts";
import { newCommand } from "../command-line/new-command.ts";
import { printable } from "../command-line/output.ts";
import type { EventDetail } from "../stores/opened-inbox.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { detailText, jsonDetail } from "./event-detail.ts";
import { withInbox } from "./with-inbox.ts";

const EXAMPLES = [
  ["popp-webhooks inbox show evt_1", "what happened to an event, and its body"],
  ["popp-webhooks inbox show evt_1 --raw > body.json", "the signed bytes"],
] as const;

/** `inbox show`: one event with its history and its body. */
export function showCommand(): Command {
  const command = newCommand("show", "Show one event: its attempts, headers and body.", EXAMPLES)
    .argument("<id>", "the id of the list: the event's id, or sha256:… of an event without one")
    .option("--raw", "print the body's bytes, and nothing else")
    .option("--redact", "mask values, to share what is shown");
  return withStoreOptions(command).action((id, options) =>
    withInbox(options, async (inbox, output) => {
      if (options.raw && options.redact)
        throw new CliError("usage", "USAGE", "Give --raw or --redact, not both: masked bytes are not the event's.");
      const event = await inbox.get(id);
      if (event === undefined) throw notFound(id);
      if (options.raw) process.stdout.write(bytesOf(event));
      else output.result(jsonDetail(event), detailText(event));
    }),
  ) as unknown as Command;
}

/** The error of an id that no event has. */
export function notFound(id: string): CliError {
  return new CliError(
    "failed",
    "NO_SUCH_EVENT",
    `No event has the id "${printable(id)}". \`popp-webhooks inbox list\` shows the ids; events of another source need --source.`,
  );
}

function bytesOf({ body, isMasked, note }: EventDetail): Uint8Array {
  if (isMasked)
    throw new CliError(
      "failed",
      "BODY_MASKED",
      "The inspector masks bodies for you, so that there are no bytes to print.",
    );
  if (body !== null) return body;
  const why = note === "erased" ? "was erased" : "is older than the app keeps bodies, and was deleted";
  throw new CliError("failed", "BODY_GONE", `The body ${why}.`);
}
