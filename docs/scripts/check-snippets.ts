/** Type-checks every `ts` block of the docs, the READMEs and the doc comments, as a reader would paste it. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "docs", ".snippets");

interface Snippet {
  /** The file it stands in, and the line it begins at. */
  readonly source: string;
  readonly line: number;
  readonly code: string;
}

const SOURCES = ["README.md", "docs/**/*.md", "packages/*/README.md", "packages/*/src/**/*.ts"];
/** The skill's blocks are files that import each other: `docs/examples/skill.test.ts` compiles and runs them. */
const isOurs = (file: string) =>
  !/node_modules|[\\/]dist[\\/]|\.test(-d)?\.ts$|docs[\\/](api|public)|\.snippets/.test(file);

/** Finds the blocks of one file; in doc comments each line begins with a star. */
function snippetsIn(source: string): Snippet[] {
  const text = readFileSync(join(root, source), "utf8");
  return [...text.matchAll(/^([ \t]*(?:\* )?)```ts(?: \[[^\]\n]*\])?[^\S\n]*\n([\s\S]*?)^\1```/gm)].map((match) => {
    const [, indent = "", body = ""] = match;
    const bare = indent.trimEnd();
    const code = body
      .split("\n")
      .map((line) =>
        line.startsWith(indent) ? line.slice(indent.length) : line.startsWith(bare) ? line.slice(bare.length) : line,
      );
    return { source, line: text.slice(0, match.index).split("\n").length + 1, code: code.join("\n") };
  });
}

const snippets = globSync(SOURCES, { cwd: root, exclude: (file) => /node_modules|dist/.test(file) })
  .filter(isOurs)
  .sort()
  .flatMap(snippetsIn);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const files = new Map<string, Snippet>();
for (const [at, snippet] of snippets.entries()) {
  const page = join(folder, snippet.source.replaceAll(/\W/g, "_"));
  // A block that begins with `// inbox.ts` can be imported by the later blocks of its page.
  const named = /^\/\/ (\w[\w/-]*\.ts)\n/.exec(snippet.code)?.[1];
  const wanted = join(page, named ?? `${at}.ts`);
  const file = files.has(wanted) ? join(dirname(wanted), `${at}.ts`) : wanted;
  // Next and bundlers need no extension, NodeNext does.
  const code = snippet.code.replaceAll(/(from |import\()"(\.[\w./-]*\/\w+)"/g, '$1"$2.ts"');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${code}\nexport {};\n`);
  files.set(file, snippet);
}

const { config } = ts.readConfigFile(join(root, "tsconfig.base.json"), ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(
  { ...config.compilerOptions, types: ["node"], isolatedDeclarations: false, declaration: false },
  root,
);
const program = ts.createProgram([...files.keys()], options);
const problems = ts.getPreEmitDiagnostics(program).map((diagnostic) => {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n  ");
  const snippet = diagnostic.file && files.get(diagnostic.file.fileName);
  if (snippet === undefined || diagnostic.file === undefined)
    return `${diagnostic.file ? relative(root, diagnostic.file.fileName) : "compiler"}: ${message}`;
  const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
  return `${snippet.source}:${snippet.line + line}: ${message}`;
});
rmSync(folder, { recursive: true, force: true });

for (const problem of problems) console.error(problem);
console.log(
  `${snippets.length} snippets in ${new Set(snippets.map(({ source }) => source)).size} files, ${problems.length} problems`,
);
process.exitCode = problems.length > 0 || snippets.length === 0 ? 1 : 0;
