import { Command } from "@commander-js/extra-typings";
import { withRules } from "./command-line/new-command.ts";
import { addCompletion } from "./completion/add-completion.ts";
import { devCommand } from "./dev/dev-command.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { eventsCommand } from "./events/events-command.ts";
import { explainCommand } from "./explain/explain-command.ts";
import { inboxCommand } from "./inbox/inbox-command.ts";
import { initCommand } from "./init/init-command.ts";
import { manifest } from "./manifest.ts";
import { mcpCommand } from "./mcp/mcp-command.ts";
import { recordingsCommand } from "./recordings/recordings-command.ts";
import { replayCommand } from "./replay/replay-command.ts";
import { sendCommand } from "./send/send-command.ts";

/** All commands. */
export function createProgram(): Command {
  const program = withRules(new Command("popp-webhooks"))
    .description(manifest.description)
    .version(manifest.version, "-V, --version", "show the version")
    .helpCommand(false)
    .addHelpText("after", "\nEvery command has --help with examples.")
    .addCommand(initCommand())
    .addCommand(devCommand())
    .addCommand(sendCommand())
    .addCommand(replayCommand())
    .addCommand(recordingsCommand())
    .addCommand(explainCommand())
    .addCommand(eventsCommand())
    .addCommand(inboxCommand())
    .addCommand(doctorCommand())
    .addCommand(mcpCommand());
  addCompletion(program);
  return program;
}
