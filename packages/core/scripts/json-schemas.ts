import { toJsonSchema } from "@valibot/to-json-schema";
import { events, type PoppEventName } from "../src/index.ts";
import type { FieldDocs } from "./field-docs.ts";

/** A JSON Schema, as far as it is looked at here. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** The names of all events. */
export const names: readonly PoppEventName[] = Object.keys(events).filter(
  (name): name is PoppEventName => name in events,
);

/** The JSON Schema (2020-12) of one event: its envelope, and the data that the catalog describes. */
export function schemaOf(name: PoppEventName, { event, fields }: FieldDocs): JsonSchema {
  const { $schema: _, ...data } = toJsonSchema(events[name], { target: "draft-2020-12" });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: name,
    description: event,
    type: "object",
    properties: {
      event: { const: name, description: fields.get("event") },
      eventId: { type: "string", minLength: 1, description: fields.get("eventId") },
      eventTimestamp: { type: "string", description: fields.get("eventTimestamp") },
      data: described(data as JsonSchema, "data", fields),
    },
    required: ["event", "eventId", "eventTimestamp", "data"],
    additionalProperties: true,
  };
}

/** The schema of any event: one of all. */
export function schemaOfAll(schemas: ReadonlyMap<PoppEventName, JsonSchema>): JsonSchema {
  const defs = Object.fromEntries([...schemas].map(([name, { $schema: _, ...schema }]) => [name, schema]));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Popp webhook",
    description:
      "One of the events in Popp's documents. Popp adds events without notice, and does not document its test deliveries: a body that fits none of these may be genuine all the same.",
    oneOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: defs,
  };
}

/** A schema with the TSDoc of its fields. */
function described(schema: JsonSchema, path: string, fields: ReadonlyMap<string, string>): JsonSchema {
  const description = fields.get(path);
  const inner = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === "properties") {
      return [
        keyword,
        Object.fromEntries(
          Object.entries(value as Record<string, JsonSchema>).map(([name, field]) => [
            name,
            described(field, `${path}.${name}`, fields),
          ]),
        ),
      ];
    }
    if (keyword === "anyOf") return [keyword, (value as JsonSchema[]).map((option) => within(option, path, fields))];
    if (keyword === "items") return [keyword, within(value as JsonSchema, path, fields)];
    return [keyword, value];
  });
  return { ...(description !== undefined && description !== "" && { description }), ...Object.fromEntries(inner) };
}

/** What stands inside a field keeps the field's path, but not its description once more. */
function within(schema: JsonSchema, path: string, fields: ReadonlyMap<string, string>): JsonSchema {
  const { description: _, ...rest } = described(schema, path, fields);
  return rest;
}
