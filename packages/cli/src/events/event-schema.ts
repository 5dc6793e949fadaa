import { createRequire } from "node:module";
import type { PoppEventName } from "@popp-webhooks/core";

/** The parts of JSON Schema that core's schemas use. */
export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly const?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** How sure the model is of a field: `type assumed` where a document shows its name alone. */
type Sureness = "seen" | "assumed" | "type assumed";

/** A field of an event's data, nested ones by their path. */
export interface Field {
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly meaning: string;
  /** Whether a document of Popp shows the field for this event, and its type. */
  readonly sureness: Sureness;
}

const require = createRequire(import.meta.url);

/** Reads a schema that core publishes: of one event, of all (`events`), or the AsyncAPI document (`asyncapi`). */
export function readSchema(name: PoppEventName | "events" | "asyncapi"): Schema {
  return require(`@popp-webhooks/core/schemas/${name}.json`);
}

/** Lists the fields of an event's data. */
export function fieldsOf(name: PoppEventName): readonly Field[] {
  const data = readSchema(name).properties?.data;
  return data ? fieldsIn(data, "") : [];
}

function fieldsIn(schema: Schema, path: string): Field[] {
  const objects = schema.properties ? [schema] : [...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  return objects.flatMap((object) =>
    object.properties
      ? Object.entries(object.properties).flatMap(([name, field]) => [
          fieldOf(`${path}${name}`, field, object.required?.includes(name) ?? false),
          ...fieldsIn(field, `${path}${name}.`),
        ])
      : fieldsIn(object, path.replace(/\.$/, "[].")),
  );
}

function fieldOf(path: string, schema: Schema, isRequired: boolean): Field {
  const meaning = schema.description ?? "";
  return { path, type: typeOf(schema), isRequired, meaning, sureness: surenessOf(meaning) };
}

function surenessOf(meaning: string): Sureness {
  if (meaning.includes("Assumed: ")) return "assumed";
  return meaning.includes("Assumed to be") ? "type assumed" : "seen";
}

function typeOf({ type, anyOf, items }: Schema): string {
  if (anyOf) return anyOf.map(typeOf).join(" | ");
  return items ? `${typeOf(items)}[]` : (type ?? "any");
}
