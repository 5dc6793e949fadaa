import type { Command } from "@commander-js/extra-typings";
import { newCommand } from "../command-line/new-command.ts";
import { printable } from "../command-line/output.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { hintAtName } from "./filter-options.ts";
import { withInbox } from "./with-inbox.ts";

/** `inbox pause`: stops the handling of one kind of event. */
export function pauseCommand(): Command {
  const command = newCommand("pause", "Stop handling events of a name. They are still accepted, and wait.", [
    ["popp-webhooks inbox pause CONVERSATION_COMPLETED", "while the system behind its handler is down"],
  ]).argument("<event>", "the event's name, as it is on the wire");
  return withStoreOptions(command).action((event, options) =>
    withInbox(options, async (inbox, output) => {
      hintAtName(event, output.say);
      await inbox.pause(event);
      const text = `${printable(event)} is paused in every process. \`popp-webhooks inbox resume\` goes on.`;
      output.result({ event, paused: true }, text);
    }),
  ) as unknown as Command;
}

/** `inbox resume`: goes on with it. */
export function resumeCommand(): Command {
  const command = newCommand("resume", "Handle events of a name again, after `inbox pause`.", [
    ["popp-webhooks inbox resume CONVERSATION_COMPLETED", "handle those that wait, too"],
  ]).argument("<event>", "the event's name, as it is on the wire");
  return withStoreOptions(command).action((event, options) =>
    withInbox(options, async (inbox, output) => {
      const { paused } = await inbox.stats();
      if (!paused.includes(event)) output.say(`note: ${printable(event)} was not paused.`);
      await inbox.resume(event);
      output.result({ event, paused: false }, `${printable(event)} is handled.`);
    }),
  ) as unknown as Command;
}
