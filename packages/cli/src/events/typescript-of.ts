import type { Schema } from "./event-schema.ts";

/** Writes an event's schema as a TypeScript interface, for code that does not use the types of core. */
export function typescriptOf(name: string, schema: Schema): string {
  const typeName = `${name.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Event`;
  return `${commentOf(schema, "")}export interface ${typeName} ${objectOf(schema, "")}`;
}

function objectOf({ properties = {}, required = [] }: Schema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(
    ([name, field]) =>
      `${commentOf(field, inner)}${inner}readonly ${name}${required.includes(name) ? "" : "?"}: ${typeOf(field, inner)};`,
  );
  return `{\n${fields.join("\n")}\n${indent}}`;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map((option) => typeOf(option, indent)).join(" | ");
  if (schema.items) return `readonly (${typeOf(schema.items, indent)})[]`;
  if (schema.properties) return objectOf(schema, indent);
  if (schema.type === "object") return "Readonly<Record<string, unknown>>";
  if (schema.type === "array") return "readonly unknown[]";
  return schema.type === "integer" ? "number" : (schema.type ?? "unknown");
}

function commentOf({ description }: Schema, indent: string): string {
  return description ? `${indent}/** ${description.replaceAll("*/", "* /")} */\n` : "";
}
