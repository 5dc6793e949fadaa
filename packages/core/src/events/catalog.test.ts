import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { events } from "./catalog.ts";

/** The parts of a valibot schema that its shape is made of. */
interface SchemaParts {
  readonly type: string;
  readonly wrapped?: SchemaParts;
  readonly item?: SchemaParts;
  readonly entries?: Readonly<Record<string, SchemaParts>>;
}

/** A shape as text, the same for a schema and for an interface: fields in order, `?` where absent, `|null` where null is allowed. */
function shapeOfSchema(schema: SchemaParts): string {
  if (schema.wrapped)
    return schema.type === "nullable" ? `${shapeOfSchema(schema.wrapped)}|null` : shapeOfSchema(schema.wrapped);
  if (schema.item) return `${shapeOfSchema(schema.item)}[]`;
  if (!schema.entries) return schema.type;
  const fields = Object.entries(schema.entries).map(
    ([name, field]) => `${name}${field.type === "exact_optional" ? "?" : ""}:${shapeOfSchema(field)}`,
  );
  return `{${fields.sort().join()}}`;
}

const file = fileURLToPath(new URL("catalog.ts", import.meta.url));
const program = ts.createProgram([file], {
  strict: true,
  exactOptionalPropertyTypes: true,
  module: ts.ModuleKind.NodeNext,
  allowImportingTsExtensions: true,
  noEmit: true,
});
const checker = program.getTypeChecker();

function shapeOfType(type: ts.Type): string {
  if (type.isUnion()) {
    const members = type.types.filter((member) => !(member.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)));
    const shapes = new Set(members.map(shapeOfType));
    const nullable = type.types.some((member) => member.flags & ts.TypeFlags.Null) ? "|null" : "";
    return [...shapes].join("|") + nullable;
  }
  if (type.flags & ts.TypeFlags.StringLike || type.isIntersection()) return "string";
  if (type.flags & ts.TypeFlags.NumberLike) return "number";
  if (type.flags & ts.TypeFlags.BooleanLike) return "boolean";
  if (type.flags & ts.TypeFlags.Unknown) return "unknown";
  if (checker.isArrayType(type))
    return `${checker
      .getTypeArguments(type as ts.TypeReference)
      .map(shapeOfType)
      .join()}[]`;
  const fields = type.getProperties().map((field) => {
    const optional = field.flags & ts.SymbolFlags.Optional ? "?" : "";
    return `${field.name}${optional}:${shapeOfType(checker.getTypeOfSymbol(field))}`;
  });
  return `{${fields.sort().join()}}`;
}

/** The type of each event's data, by the interfaces that were written by hand. */
function dataTypes(): ReadonlyMap<string, ts.Type> {
  const source = program.getSourceFile(file);
  const declaration = source?.statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === "PoppEventMap",
  );
  if (declaration === undefined) throw new Error("expected an interface PoppEventMap in catalog.ts");
  const map = checker.getTypeAtLocation(declaration);
  return new Map(
    map.getProperties().map((event) => {
      const data = checker.getTypeOfSymbol(event).getProperty("data");
      if (data === undefined) throw new Error(`expected ${event.name} to have data`);
      return [event.name, checker.getTypeOfSymbol(data)];
    }),
  );
}

describe("events", () => {
  const types = dataTypes();

  it("has one schema per interface and one interface per schema", () => {
    expect([...types.keys()].sort()).toEqual(Object.keys(events).sort());
  });

  it.each(Object.entries(events))("%s: the interface and the schema agree", (name, schema) => {
    const type = types.get(name);
    if (type === undefined) throw new Error("expected an interface");
    expect(shapeOfType(type)).toBe(shapeOfSchema(schema as unknown as SchemaParts));
  });
});
