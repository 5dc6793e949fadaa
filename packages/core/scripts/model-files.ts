import { asyncApiOf } from "./asyncapi.ts";
import { readFieldDocs } from "./field-docs.ts";
import { names, schemaOf, schemaOfAll } from "./json-schemas.ts";

/** The files of the machine-readable model, by name: a schema per event, one of all, and the AsyncAPI document. */
export function modelFiles(): ReadonlyMap<string, string> {
  const docs = readFieldDocs();
  const schemas = new Map(
    names.map((name) => {
      const doc = docs.get(name);
      if (doc === undefined) throw new Error(`expected an interface for ${name}`);
      return [name, schemaOf(name, doc)];
    }),
  );
  const files: [string, object][] = [...schemas].map(([name, schema]) => [`${name}.json`, schema]);
  files.push(["events.json", schemaOfAll(schemas)], ["asyncapi.json", asyncApiOf(schemas)]);
  return new Map(files.map(([name, content]) => [name, `${JSON.stringify(content, null, 2)}\n`]));
}
