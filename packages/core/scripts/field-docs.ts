import { fileURLToPath } from "node:url";
import ts from "typescript";

const file = fileURLToPath(new URL("../src/events/catalog.ts", import.meta.url));

/** What the TSDoc of the hand-written interfaces says: of each event, and of each field by its path. */
export interface FieldDocs {
  readonly event: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Reads the TSDoc of every event's interface through the compiler, so that no sentence stands twice. */
export function readFieldDocs(): ReadonlyMap<string, FieldDocs> {
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const docOf = (symbol: ts.Symbol | undefined) =>
    ts.displayPartsToString(symbol?.getDocumentationComment(checker)).replace(/\s+/g, " ").trim();

  const collect = (type: ts.Type, path: string, into: Map<string, string>): Map<string, string> => {
    for (const field of type.getProperties()) {
      const at = path === "" ? field.name : `${path}.${field.name}`;
      into.set(at, docOf(field));
      for (const inner of objectsIn(checker.getTypeOfSymbol(field))) collect(inner, at, into);
    }
    return into;
  };

  /** The object types that a field's type is made of: through unions and arrays. */
  const objectsIn = (type: ts.Type): ts.Type[] => {
    if (type.isUnion()) return type.types.flatMap(objectsIn);
    if (checker.isArrayType(type)) return checker.getTypeArguments(type as ts.TypeReference).flatMap(objectsIn);
    return type.flags & ts.TypeFlags.Object ? [type] : [];
  };

  const declaration = program
    .getSourceFile(file)
    ?.statements.find((statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === "PoppEventMap");
  if (declaration === undefined) throw new Error("expected an interface PoppEventMap in src/events/catalog.ts");
  const events = checker.getTypeAtLocation(declaration).getProperties();
  return new Map(
    events.map((event) => {
      const type = checker.getTypeOfSymbol(event);
      return [event.name, { event: docOf(type.getSymbol()), fields: collect(type, "", new Map()) }];
    }),
  );
}
