import { fileURLToPath } from "node:url";
import ts from "typescript";

const file = fileURLToPath(new URL("../src/events/catalog.ts", import.meta.url));

/** The TSDoc of the hand-written interfaces: of each event, and of each field by its path. */
export interface FieldDocs {
  readonly event: string;
  readonly fields: ReadonlyMap<string, string>;
}

/**
 * The sentence in the TSDoc of a field, or else of its interface, that says on which event Popp documents the field. It captures nothing where
 * that is every event of the group.
 */
const DOCUMENTED_FOR = /Documented for (?:`(\w+)`|every)/;

/** Reads the TSDoc of every event's interface through the compiler. A field that is assumed on an event is marked there. */
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

  const collect = (event: string, type: ts.Type, path = "", into = new Map<string, string>()): typeof into => {
    for (const field of type.getProperties()) {
      const at = path === "" ? field.name : `${path}.${field.name}`;
      into.set(at, docOf(field) + assumption(event, field));
      for (const inner of objectsIn(checker.getTypeOfSymbol(field))) collect(event, inner, at, into);
    }
    return into;
  };

  const assumption = (event: string, field: ts.Symbol): string => {
    const owner = field.declarations?.[0]?.parent;
    const ownerDoc = owner && ts.isInterfaceDeclaration(owner) ? docOf(checker.getSymbolAtLocation(owner.name)) : "";
    const [, documentedFor = event] = DOCUMENTED_FOR.exec(docOf(field)) ?? DOCUMENTED_FOR.exec(ownerDoc) ?? [];
    return documentedFor === event ? "" : ` Assumed: documented for ${documentedFor} only.`;
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
      return [event.name, { event: docOf(type.getSymbol()), fields: collect(event.name, type) }];
    }),
  );
}
