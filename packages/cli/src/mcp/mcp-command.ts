import { once } from "node:events";
import type { Command } from "@commander-js/extra-typings";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf } from "../command-line/output.ts";
import { openInbox } from "../stores/open-inbox.ts";
import { withStoreOptions } from "../stores/store-options.ts";

const EXAMPLES = [
  ["claude mcp add popp -- npx @popp-webhooks/cli mcp", "the inbox of dev, for Claude Code"],
  ["popp-webhooks mcp --store postgres://127.0.0.1/app", "another inbox"],
  ["popp-webhooks mcp --allow-write", "the assistant may run dead events again"],
] as const;

/** `mcp`: serves an inbox and the recordings of `dev` to a coding assistant. */
export function mcpCommand(): Command {
  const command = newCommand(
    "mcp",
    "Serve the inbox to a coding assistant (MCP over stdio). Bodies are masked.",
    EXAMPLES,
  ).option("--allow-write", "let the assistant run events again");
  return withStoreOptions(command).action(async (options) => {
    const { say } = outputOf(options);
    const { createMcpServer } = await import("./create-mcp-server.ts");
    const { StdioTransport } = await import("@tmcp/transport-stdio");
    const server = createMcpServer({
      // Opened by the first call that needs it: an assistant starts before the app does.
      openInbox: () => openInbox(options.store, { ...options, say }),
      canWrite: options.allowWrite === true,
    });
    new StdioTransport(server).listen();
    await once(process.stdin, "end");
  }) as unknown as Command;
}
