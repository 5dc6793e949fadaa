/**
 * Finds the texts of the error messages in the sources, so that the pages of the error codes show exactly them. As a program it
 * writes them into the pages.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Stands in a message where it has a value, such as the number of a limit. */
const VALUE = "…";

/** A message that is made of messages may combine them in many ways: no real one has more. */
const MAX_TEXTS = 24;

type FunctionNode = ts.FunctionDeclaration | ts.ArrowFunction | ts.MethodDeclaration | ts.FunctionExpression;

/** The sources of one package, and what they declare and call, by name. */
interface Sources {
  readonly files: readonly ts.SourceFile[];
  /** The constants and functions at the top of the files. */
  readonly declared: ReadonlyMap<string, ts.Node>;
  readonly calls: ReadonlyMap<string, readonly ts.CallExpression[]>;
}

function readSources(folder: string): Sources {
  const files = globSync("src/**/*.ts", { cwd: folder })
    .filter((file) => !/\.test(-d)?\.ts$/.test(file))
    .sort()
    .map((file) => ts.createSourceFile(file, readFileSync(join(folder, file), "utf8"), ts.ScriptTarget.ESNext, true));
  const declared = new Map<string, ts.Node>();
  const calls = new Map<string, ts.CallExpression[]>();
  for (const file of files) {
    for (const [name, node] of declarationsOf(file)) declared.set(name, node);
    walk(file, (node) => {
      const name = ts.isCallExpression(node) ? calledName(node.expression) : undefined;
      if (name !== undefined) calls.set(name, [...(calls.get(name) ?? []), node as ts.CallExpression]);
    });
  }
  return { files, declared, calls };
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

const calledName = (callee: ts.Expression) =>
  ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : undefined;

const isFunction = (node: ts.Node): node is FunctionNode =>
  ts.isFunctionDeclaration(node) ||
  ts.isArrowFunction(node) ||
  ts.isMethodDeclaration(node) ||
  ts.isFunctionExpression(node);

/** What the statements of a file or block declare. */
function declarationsOf(block: ts.SourceFile | ts.Block): [string, ts.Node][] {
  return block.statements.flatMap((statement): [string, ts.Node][] => {
    if (ts.isFunctionDeclaration(statement) && statement.name) return [[statement.name.text, statement]];
    if (!ts.isVariableStatement(statement)) return [];
    // What a variable holds when it is read is not known here.
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
    return statement.declarationList.declarations.flatMap(({ name, initializer }): [string, ts.Node][] =>
      ts.isIdentifier(name) && initializer ? [[name.text, isConst ? initializer : statement]] : [],
    );
  });
}

/** What a name means where it is used: an expression, a function, a parameter, or undefined for what is known only at run time. */
function resolve(name: ts.Identifier, { declared }: Sources): ts.Node | undefined {
  for (let scope: ts.Node = name; scope; scope = scope.parent) {
    const parameter = isFunction(scope) ? scope.parameters.find((it) => names(it.name).includes(name.text)) : undefined;
    if (parameter) return parameter;
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue;
    const local = declarationsOf(scope).find(([text]) => text === name.text);
    if (local) return local[1];
  }
  return declared.get(name.text);
}

const names = (binding: ts.BindingName): string[] =>
  ts.isIdentifier(binding)
    ? [binding.text]
    : binding.elements.flatMap((element) => (ts.isBindingElement(element) ? names(element.name) : []));

/** What a function returns, without what the functions inside it return. */
function returnsOf({ body }: FunctionNode): ts.Expression[] {
  if (!body) return [];
  if (!ts.isBlock(body)) return [body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (isFunction(node)) return;
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(body, visit);
  return found;
}

/** The texts that an expression may give. */
function textsOf(node: ts.Node, sources: Sources, depth = 0): string[] {
  const inner = (part: ts.Node) => textsOf(part, sources, depth + 1);
  const all = (parts: readonly ts.Node[]) => [...new Set(parts.flatMap(inner))].slice(0, MAX_TEXTS);
  if (depth > 12) return [VALUE];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return inner(node.expression);
  if (ts.isConditionalExpression(node)) return all([node.whenTrue, node.whenFalse]);
  if (ts.isTemplateExpression(node)) {
    return node.templateSpans.reduce(
      (texts, { expression, literal }) => joined(texts, part(inner(expression))).map((text) => text + literal.text),
      [node.head.text],
    );
  }
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node;
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return all([left, right]);
    if (operatorToken.kind === ts.SyntaxKind.PlusToken) return joined(inner(left), inner(right));
    return [VALUE];
  }
  if (ts.isIdentifier(node)) {
    const meaning = resolve(node, sources);
    return meaning && !isFunction(meaning) ? inner(meaning) : node.text === "undefined" ? [] : [VALUE];
  }
  if (ts.isParameter(node)) {
    const owner = node.parent;
    const name = isFunction(owner) ? nameOf(owner) : undefined;
    const at = isFunction(owner) ? owner.parameters.indexOf(node) : -1;
    const given = callsOf(owner, name, sources).flatMap((call) => call.arguments[at] ?? []);
    return given.length > 0 && ts.isIdentifier(node.name) ? all(given) : [VALUE];
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
    const called = resolve(node.expression, sources);
    return called && isFunction(called) ? all(returnsOf(called)) : [VALUE];
  }
  return sentencesBehind(node, sources);
}

/** A part of a message. Names, such as those of methods and options, are shown as a value, except one that is the default. */
function part(texts: string[]): string[] {
  if (texts.some(isSentence)) return texts;
  const known = texts.filter((text) => !text.includes(VALUE) && text.length > 1);
  return known.length === 1 ? known : [VALUE];
}

/** The calls of a function. One that is not exported is called in its own file only. */
function callsOf(owner: ts.Node, name: string | undefined, { calls }: Sources): readonly ts.CallExpression[] {
  const all = calls.get(name ?? "") ?? [];
  const statement = ts.isVariableDeclaration(owner.parent) ? owner.parent.parent.parent : owner;
  const isShared = ts.isMethodDeclaration(owner) || isExported(statement);
  return isShared ? all : all.filter((call) => call.getSourceFile() === owner.getSourceFile());
}

const isExported = (statement: ts.Node) =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

const joined = (heads: readonly string[], tails: readonly string[]) =>
  heads.flatMap((head) => tails.map((tail) => head + tail)).slice(0, MAX_TEXTS);

const nameOf = (owner: FunctionNode): string | undefined => {
  const named = owner.name ?? (ts.isVariableDeclaration(owner.parent) ? owner.parent.name : undefined);
  return named && (ts.isIdentifier(named) || ts.isPrivateIdentifier(named)) ? named.text : undefined;
};

/** The sentences of a table, where a message is looked up in one: `SENTENCES.find(…)?.[1]`. */
function sentencesBehind(node: ts.Node, sources: Sources): string[] {
  let start = node;
  while (ts.isCallExpression(start) || ts.isPropertyAccessExpression(start) || ts.isElementAccessExpression(start))
    start = start.expression;
  const table = ts.isIdentifier(start) ? resolve(start, sources) : undefined;
  const found: string[] = [];
  if (table && (ts.isArrayLiteralExpression(table) || ts.isObjectLiteralExpression(table)))
    walk(table, (inside) => {
      if (ts.isStringLiteralLike(inside) && isSentence(inside.text)) found.push(inside.text);
    });
  return found.length > 0 ? found : [VALUE];
}

/** Whether a text says enough to be searched for. */
const isSentence = (text: string) => /[a-z]+ [a-z]+ [a-z]+/i.test(text);

/** Where a message comes from, for codes with many. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/stores\/sqlite\//, "SQLite"],
  [/stores\/postgres\//, "Postgres"],
  [/stores\/redis\//, "Redis"],
  [/stores\/(d1|durable-object)\//, "D1 and Durable Objects"],
];

/** All messages of one code, and where each comes from. */
function messagesOf(code: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const sources of packages) {
    for (const file of sources.files) {
      const place = PLACES.find(([pattern]) => pattern.test(file.fileName))?.[1] ?? "";
      walk(file, (node) => {
        if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
        const [own, message] = node.arguments ?? [];
        if (!own || !message || !ts.isStringLiteral(own) || own.text !== code) return;
        for (const text of textsOf(message, sources).map((it) => it.replace(/…{2,}/g, VALUE)))
          if (isSentence(text)) found.set(text, (found.get(text) ?? place) === place ? place : "");
      });
    }
  }
  return found;
}

const packages = ["core", "inbox", "queues"].map((name) => readSources(join(root, "packages", name)));

/** A code with more messages than this has a heading for each store. */
const MANY = 12;

/**
 * Returns the last section of the page of a code: its messages.
 *
 * @param code - the code
 */
export function messagesSection(code: string): string {
  const messages = [...messagesOf(code)].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = (place: string) => messages.filter((it) => it[1] === place).map(([text]) => `- ${text}`);
  const places = messages.length > MANY ? ["", ...PLACES.map(([, label]) => label)] : undefined;
  const lists = places
    ?.filter((place) => list(place).length > 0)
    .map((place) => [...(place ? [`### ${place}\n`] : []), ...list(place)].join("\n"));
  const all = messages.map(([text]) => `- ${text}`).join("\n");
  return ["## Messages", `\`${VALUE}\` stands for a value.`, ...(lists ?? [all]), ""]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

if (import.meta.main) {
  for (const file of globSync("docs/errors/*.md", { cwd: root, exclude: ["**/index.md"] })) {
    const [code = ""] = file.match(/[A-Z_0-9]+(?=\.md$)/) ?? [];
    const [head = ""] = readFileSync(join(root, file), "utf8").split("## Messages");
    writeFileSync(join(root, file), `${head.trimEnd()}\n\n${messagesSection(code)}`);
  }
}
