/**
 * Writes one report per public entry: every exported value and type with its signature, without comments and bodies.
 * A change of the public surface is then a change of a committed file. `--check` writes nothing and fails on a difference.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const CONDITION = "@popp-webhooks/source";

interface Entry {
  /** What a user imports, such as `@popp-webhooks/inbox/sqlite`. */
  readonly specifier: string;
  readonly source: string;
  readonly report: string;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, unknown>>>>;
}

/** The entries of one package are the exports that have a source. */
function entriesOf(manifestFile: string): Entry[] {
  const { name, private: isPrivate, exports = {} }: Manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
  if (isPrivate) return [];
  const folder = dirname(manifestFile);
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const source = typeof target === "string" ? undefined : target[CONDITION];
    if (typeof source !== "string") return [];
    const entry = subpath === "." ? "index" : subpath.slice(2).replaceAll("/", "-");
    return [
      {
        specifier: `${name}${subpath.slice(1)}`,
        source: join(folder, source),
        report: join(folder, "api", `${entry}.api.md`),
      },
    ];
  });
}

const entries = globSync("packages/*/package.json", { cwd: root })
  .sort()
  .flatMap((file) => entriesOf(join(root, file)));

const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: ["node"] }, root);
const program = ts.createProgram(
  entries.map(({ source }) => source),
  options,
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

interface Declaration {
  /** Its signature, without `export` and `declare`. */
  readonly text: string;
  /** The names of the types that it refers to. */
  readonly mentions: readonly string[];
}

/** The declarations of each source file by name. The sources follow `isolatedDeclarations`, so no type is inferred. */
const declared = new Map<ts.SourceFile, Map<string, Declaration[]>>();
function declarationsIn(file: ts.SourceFile): Map<string, Declaration[]> {
  const known = declared.get(file);
  if (known) return known;
  const { outputText } = ts.transpileDeclaration(file.text, { compilerOptions: options, fileName: file.fileName });
  const declarations = ts.createSourceFile("declarations.d.ts", outputText, ts.ScriptTarget.ES2022, true);
  const found = new Map<string, Declaration[]>();
  for (const statement of declarations.statements) {
    const printed = printer.printNode(ts.EmitHint.Unspecified, statement, declarations);
    const declaration = { text: printed.replace(/^(export )?(declare )?/, ""), mentions: mentionsIn(statement) };
    for (const name of namesOf(statement)) found.set(name, [...(found.get(name) ?? []), declaration]);
  }
  declared.set(file, found);
  return found;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

function mentionsIn(node: ts.Node): string[] {
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isTypeQueryNode(node)
      ? node.exprName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
  const found = name && ts.isIdentifier(name) ? [name.text] : [];
  ts.forEachChild(node, (child) => {
    found.push(...mentionsIn(child));
  });
  return found;
}

/** The one symbol of a declaration, however it was reached: by an import, or by its local name. */
const resolve = (symbol: ts.Symbol) =>
  checker.getExportSymbolOfSymbol(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);

function exportsOf({ source }: Entry): ts.Symbol[] {
  const file = program.getSourceFile(source);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${relative(root, source)} exports nothing`);
  return checker.getExportsOfModule(module).toSorted(byName);
}

const byName = (a: ts.Symbol, b: ts.Symbol) => (a.name < b.name ? -1 : 1);

/** Everything that some entry exports, so that a type of another entry is not taken for a hidden one. */
const exported = new Set(entries.flatMap(exportsOf).map(resolve));

function fileOf(symbol: ts.Symbol): ts.SourceFile {
  const file = symbol.declarations?.[0]?.getSourceFile();
  if (file === undefined) throw new Error(`${symbol.name} has no declaration: does every import resolve?`);
  return file;
}

function declarationsOf(symbol: ts.Symbol): Declaration[] {
  const declarations = declarationsIn(fileOf(symbol)).get(symbol.name);
  if (declarations === undefined) throw new Error(`${symbol.name} is declared in a form that this report cannot show`);
  return declarations;
}

/** The types of the same package that a declaration mentions and no entry exports. */
function hiddenBehind(symbol: ts.Symbol, folder: string): ts.Symbol[] {
  const file = fileOf(symbol);
  const inScope = checker.getSymbolsInScope(file, ts.SymbolFlags.Type | ts.SymbolFlags.Value | ts.SymbolFlags.Alias);
  const mentioned = new Set(declarationsOf(symbol).flatMap(({ mentions }) => mentions));
  return inScope
    .filter(({ name }) => mentioned.has(name))
    .map(resolve)
    .filter((found) => !exported.has(found) && isOf(folder, found));
}

const isOf = (folder: string, symbol: ts.Symbol) =>
  symbol.declarations?.[0]?.getSourceFile().fileName.startsWith(`${folder}/src/`) ?? false;

/** One export as a reader would write it. What another package declares is named, not repeated. */
function textOf(symbol: ts.Symbol, folder: string): string {
  const target = resolve(symbol);
  if (!isOf(folder, target)) return `// ${symbol.name}: declared by another package`;
  const texts = declarationsOf(target).map(({ text }) => text);
  return (symbol.name === target.name ? texts : [...texts, `export { ${target.name} as ${symbol.name} };`]).join("\n");
}

function reportOf(entry: Entry): string {
  const folder = dirname(dirname(entry.report));
  const symbols = exportsOf(entry);
  const hidden = new Set<ts.Symbol>();
  const open = symbols.map(resolve).filter((symbol) => isOf(folder, symbol));
  for (const symbol of open) {
    for (const found of hiddenBehind(symbol, folder)) {
      if (!hidden.has(found)) open.push(found);
      hidden.add(found);
    }
  }
  const block = (of: readonly ts.Symbol[]) =>
    `\`\`\`ts\n${of.map((symbol) => textOf(symbol, folder)).join("\n\n")}\n\`\`\``;
  return [
    `# ${entry.specifier}`,
    "Written by `pnpm api` from the sources. Do not edit.",
    block(symbols),
    ...(hidden.size > 0 ? ["Part of these signatures, but not exported:", block([...hidden].toSorted(byName))] : []),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

const reports = new Map(entries.map((entry) => [entry.report, reportOf(entry)]));
const stale = globSync("packages/*/api/*.api.md", { cwd: root })
  .map((file) => join(root, file))
  .filter((file) => !reports.has(file));
const changed = [...reports].filter(([file, text]) => !existsSync(file) || readFileSync(file, "utf8") !== text);

if (process.argv.includes("--check")) {
  const different = [...changed.map(([file]) => file), ...stale];
  for (const file of different) console.error(`${relative(root, file)} differs from the sources: run \`pnpm api\``);
  process.exitCode = different.length > 0 ? 1 : 0;
} else {
  for (const file of stale) rmSync(file);
  for (const [file, text] of changed) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
console.log(`${reports.size} API reports, ${changed.length + stale.length} changed`);
