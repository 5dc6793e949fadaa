import type { Command } from "@commander-js/extra-typings";
import type { PoppEventName } from "@popp-webhooks/core";
import { eventNames, fixture } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import { eventNameOf } from "../command-line/event-name.ts";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf, paint, tableOf } from "../command-line/output.ts";
import { fieldsOf, readSchema } from "./event-schema.ts";
import { typescriptOf } from "./typescript-of.ts";

const EXAMPLES = [
  ["popp-webhooks events", "every documented event"],
  ["popp-webhooks events CONVERSATION_COMPLETED", "its fields, and how sure they are"],
  ["popp-webhooks events CONVERSATION_COMPLETED --example", "a body to try"],
  ["popp-webhooks events --asyncapi > popp.json", "the AsyncAPI document"],
] as const;

/** `events`: what Popp documents about its events. */
export function eventsCommand(): Command {
  return newCommand("events", "Show the documented events and their fields.", EXAMPLES)
    .argument("[event]", "the name of an event, in any case")
    .option("--example", "print an example of the event")
    .option("--json-schema", "print the JSON Schema of the event, or of all")
    .option("--types", "print the event, or all, as TypeScript")
    .option("--asyncapi", "print the AsyncAPI document of all events")
    .action((given, options) => {
      const formats = [options.example, options.jsonSchema, options.types, options.asyncapi].filter(Boolean);
      if (formats.length > 1)
        throw new CliError("usage", "USAGE", "Give one of --example, --json-schema, --types and --asyncapi.");
      const name = given === undefined ? undefined : eventNameOf(given);
      const names = name ? [name] : eventNames;
      const whole = (document: object) => outputOf(options).result(document, JSON.stringify(document, null, 2));
      if (options.asyncapi) return whole(readSchema("asyncapi"));
      if (options.jsonSchema) return whole(readSchema(name ?? "events"));
      if (options.example) {
        if (!name) throw new CliError("usage", "USAGE", "--example needs the name of an event.");
        return whole(fixture(name));
      }
      const output = outputOf(options);
      if (options.types) {
        for (const each of names) {
          const types = typescriptOf(each, readSchema(each));
          output.result({ event: each, types }, `${types}\n`);
        }
        return;
      }
      return name ? showFields(name) : list();

      function list() {
        const rows = eventNames.map((each) => ({ event: each, meaning: readSchema(each).description ?? "" }));
        if (output.isJson) for (const row of rows) output.result(row, "");
        else output.result(rows, tableOf(["event", "meaning"], rows.map(Object.values)));
      }

      function showFields(each: PoppEventName) {
        const fields = fieldsOf(each);
        const meaning = readSchema(each).description ?? "";
        if (output.isJson) return output.result({ event: each, meaning, fields }, "");
        const rows = fields.map(({ path, type, isRequired, sureness }) => [
          path,
          type,
          isRequired ? "always" : "may be absent",
          sureness === "seen" ? sureness : paint("yellow", sureness),
        ]);
        const table = tableOf(["field of data", "type", "", "how sure"], rows);
        output.result(
          {},
          `${paint("bold", each)}\n${meaning}\n\n${table}\n\nThe meaning of each field: --types. A body to try: --example.`,
        );
      }
    }) as unknown as Command;
}
