import { events, type PoppEventName } from "@popp-webhooks/core";

/** The parts of a schema of the catalog. They are plain data. */
interface SchemaParts {
  readonly type: string;
  readonly wrapped?: SchemaParts;
  readonly item?: SchemaParts;
  readonly entries?: Readonly<Record<string, SchemaParts>>;
}

/** The TypeScript code of a receiver with the handler of one event, for the fields that its data has. */
export function handlerCode(name: PoppEventName | "UNRECOGNIZED", data: unknown): string {
  const lines = name === "UNRECOGNIZED" ? UNRECOGNIZED : handlerOf(name, Object.keys(Object(data)));
  return [
    'import { createReceiver } from "@popp-webhooks/core";',
    "",
    "export const receiver = createReceiver({",
    "  secret: () => process.env.POPP_WEBHOOK_SECRET,",
    "  on: {",
    ...lines.map((line) => (line === "" ? "" : `    ${line}`)),
    "  },",
    "});",
  ].join("\n");
}

const UNRECOGNIZED = [
  "UNRECOGNIZED: async ({ name, reason, issues, data }) => {",
  "  // reason says why: mismatch, unknown-event or not-an-event.",
  '  console.warn("not in the model:", name, reason, issues);',
  "},",
];

function handlerOf(name: PoppEventName, given: readonly string[]): string[] {
  const { entries = {} } = events[name] as SchemaParts;
  const known = Object.entries(entries).filter(([field]) => given.includes(field));
  const others = given.filter((field) => !Object.hasOwn(entries, field));
  return [
    `${name}: async ({ data }) => {`,
    ...(known.some(([, { type }]) => type === "exact_optional") ? ["  // A field with ? may be null or absent."] : []),
    ...(known.length > 0
      ? ["  const {", ...known.map(([field, schema]) => `    ${field}, // ${typeOf(schema)}`), "  } = data;"]
      : []),
    ...(others.length > 0 ? ["  // Not documented, so their type is unknown:"] : []),
    ...others.map((field) => `  data[${JSON.stringify(field)}];`),
    "  // Your code. If it throws, the answer is 500.",
    "},",
  ];
}

function typeOf({ type, wrapped, item, entries }: SchemaParts): string {
  if (wrapped) return type === "exact_optional" && wrapped.wrapped ? `${typeOf(wrapped.wrapped)}?` : typeOf(wrapped);
  if (item) return `${typeOf(item)}[]`;
  return entries ? "{ … }" : type;
}
