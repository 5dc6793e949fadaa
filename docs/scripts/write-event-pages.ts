/** Writes the pages of events from the JSON Schemas and the fixtures, so that the docs and the types cannot differ. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { PoppEventName } from "@popp-webhooks/core";
import { fixture } from "@popp-webhooks/testing";
import { type Field, fieldsOf, readSchema } from "../../packages/cli/src/events/event-schema.ts";
import { type EventGroup, eventGroups, statuses } from "./event-groups.ts";

const pages = new URL("../events/", import.meta.url);

const badge = (kind: string, text: string) => ` <Badge type="${kind}">${text}</Badge>`;

function rowOf({ path, type, isRequired, meaning, sureness }: Field): string {
  const badges = `${isRequired ? badge("tip", "always") : ""}${sureness === "seen" ? "" : badge("warning", sureness)}`;
  return `| \`${path}\`${badges} | ${type.replaceAll(" | ", " or ")} | ${meaning} |`;
}

const tableOf = (name: PoppEventName) =>
  ["| field of `data` | type | meaning |", "|---|---|---|", ...fieldsOf(name).map(rowOf)].join("\n");

/** One event. A table that is the same for each event of the group stands once, above them. */
function sectionOf(name: PoppEventName, hasFields: boolean): string {
  const example = JSON.stringify(fixture(name), null, 2);
  return [
    `## ${name}`,
    readSchema(name).description,
    ...(hasFields ? [tableOf(name)] : []),
    `An example, from \`fixture("${name}")\` of the testing package:`,
    `\`\`\`json\n${example}\n\`\`\``,
  ].join("\n\n");
}

const STATUSES = `## Values of \`conversationStatus\`

These were seen in Popp's documents. No document has all of them, so the type accepts any other string too.

${statuses()
  .map((status) => `- \`${status}\``)
  .join("\n")}

Which event comes with which status is not documented. Those of the examples are assumed.`;

function pageOf({ title, about, names }: EventGroup): string {
  const [first = "", ...others] = names.map(tableOf);
  const isOneTable = others.length > 0 && others.every((table) => table === first);
  return [
    "---\neditLink: false\nlastUpdated: false\n---",
    `# ${title}`,
    about,
    `All fields but \`recordId\` and \`organizationId\` may be absent or null. <Badge type="warning">assumed</Badge> marks what no document shows: a field that is documented for another event of the group, or the type of a field.`,
    ...(isOneTable ? [`## Fields of every event`, first] : []),
    ...names.map((name) => sectionOf(name, !isOneTable)),
    ...(names.includes("CONVERSATION_STARTED") ? [STATUSES] : []),
  ].join("\n\n");
}

const indexed = ({ slug, title, names }: EventGroup) => {
  const rows = names.map(
    (name) =>
      `| [${name}](./${slug}.md#${name.toLowerCase().replaceAll("_", "-")}) | ${readSchema(name).description} |`,
  );
  return [`## ${title}`, ["| event | meaning |", "|---|---|", ...rows].join("\n")].join("\n\n");
};

const index = `---
editLink: false
lastUpdated: false
---

# Events

The ${eventGroups.flatMap(({ names }) => names).length} events that Popp documents, with their documented fields. Popp adds events and fields without notice: a new event arrives as \`UNRECOGNIZED\`, and a new field passes through.

${eventGroups.map(indexed).join("\n\n")}

## The envelope

Every event has the same envelope.

| field | type | meaning |
|---|---|---|
| \`event\` | string | the event's name |
| \`eventId\` | string | identifies the event: a repeated delivery has the same id, so it is used for de-duplication. Absent in the oldest documents |
| \`eventTimestamp\` | string | ISO 8601. When the event happened in one document, when it was put into the envelope in another |
| \`data\` | object | the resource, and what happened to it |

See [Seen and assumed](../guide/seen-and-assumed.md) for what the documents leave open.

These pages are generated from the catalog. The same model is in the package as JSON Schema, \`@popp-webhooks/core/schemas/CONVERSATION_STARTED.json\` and so on, and as AsyncAPI, \`@popp-webhooks/core/schemas/asyncapi.json\`.
`;

rmSync(pages, { recursive: true, force: true });
mkdirSync(pages, { recursive: true });
writeFileSync(new URL("index.md", pages), index);
for (const group of eventGroups) writeFileSync(new URL(`${group.slug}.md`, pages), `${pageOf(group)}\n`);
