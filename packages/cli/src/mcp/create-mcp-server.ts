import { ValibotJsonSchemaAdapter } from "@tmcp/adapter-valibot";
import { McpServer } from "tmcp";
import { tool } from "tmcp/utils";
import type { GenericSchema, ObjectEntries, ObjectSchema } from "valibot";
import { manifest } from "../manifest.ts";
import type { OpenedInbox } from "../stores/opened-inbox.ts";
import { inboxTools } from "./inbox-tools.ts";
import { projectTools } from "./project-tools.ts";

/** A tool of the server: what it does, and what it takes. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly schema: ObjectSchema<ObjectEntries, undefined>;
  /** Whether it changes something. */
  readonly writes?: true;
  run(input: never): Promise<object>;
}

/** What the server needs. */
export interface McpOptions {
  readonly openInbox: () => Promise<OpenedInbox>;
  /** Whether tools that change something are offered. */
  readonly canWrite: boolean;
}

/** Creates a server for coding assistants. No tool returns an unmasked value of a body. */
export function createMcpServer({ openInbox, canWrite }: McpOptions): McpServer<GenericSchema> {
  const server = new McpServer<GenericSchema>(
    { name: "popp-webhooks", version: manifest.version, description: "The webhooks of Popp that were received here." },
    { adapter: new ValibotJsonSchemaAdapter(), capabilities: { tools: {} } },
  );
  for (const { name, description, schema, writes, run } of [...inboxTools(openInbox), ...projectTools()])
    if (canWrite || !writes)
      server.tool({ name, description, schema, annotations: { readOnlyHint: !writes } }, async (input) => {
        try {
          return tool.text(JSON.stringify(await run(input as never), null, 2));
        } catch (error) {
          return tool.error(error instanceof Error ? error.message : String(error));
        }
      });
  return server;
}
