/** Writes the page of all events from the JSON Schemas, so that the docs and the types cannot differ. */
import { readFileSync, writeFileSync } from "node:fs";
import { eventNames, fixture } from "@popp-webhooks/testing";

interface Field {
  readonly description?: string;
  readonly type?: string;
  readonly anyOf?: readonly Field[];
  readonly items?: Field;
  readonly properties?: Readonly<Record<string, Field>>;
  readonly required?: readonly string[];
}

const schemas = new URL("../../packages/core/schemas/", import.meta.url);

function typeOf({ type, anyOf, items }: Field): string {
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  return items ? `array of ${typeOf(items)}` : (type ?? "any");
}

/** The table rows for the fields of an object, nested ones included. */
function rowsOf(field: Field, path: string): string[] {
  const inside = field.properties ? [field] : [...(field.anyOf ?? []), ...(field.items ? [field.items] : [])];
  return inside.flatMap((object) =>
    object.properties
      ? Object.entries(object.properties).flatMap(([name, inner]) => [
          `| \`${path}${name}\` | ${typeOf(inner)} | ${object.required?.includes(name) ? "always" : "may be absent"} | ${inner.description ?? ""} |`,
          ...rowsOf(inner, `${path}${name}.`),
        ])
      : rowsOf(object, path.replace(/\.$/, "[].")),
  );
}

function sectionOf(name: (typeof eventNames)[number]): string {
  const schema: { description: string; properties: { data: Field } } = JSON.parse(
    readFileSync(new URL(`${name}.json`, schemas), "utf8"),
  );
  return [
    `## ${name}`,
    schema.description,
    "| field of `data` | type | | |\n|---|---|---|---|",
    rowsOf(schema.properties.data, "").join("\n"),
    `::: details Example\n\`\`\`json\n${JSON.stringify(fixture(name), null, 2)}\n\`\`\`\n:::`,
  ]
    .join("\n\n")
    .replace("|---|---|---|---|\n\n", "|---|---|---|---|\n");
}

const intro = `# Events

The ${eventNames.length} events that Popp documents, with their documented fields. Popp adds events and fields without notice: a new event arrives as
\`UNRECOGNIZED\`, and a new field passes through. The documents call no field required except \`recordId\` and \`organizationId\`, so all others may be absent or null.

"Assumed" marks what no document shows: a field that is documented for another event of the same group, or the type of a field. See [Seen and assumed](./guide/seen-and-assumed.md).

This page is generated from the catalog. The package contains the same model as JSON Schema and AsyncAPI.
`;

writeFileSync(new URL("../events.md", import.meta.url), `${[intro, ...eventNames.map(sectionOf)].join("\n\n")}\n`);
