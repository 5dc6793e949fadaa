import { applyEdits, modify, parse } from "jsonc-parser";
import type { Dependencies } from "./dependencies.ts";

/** Adds lines to the end of a text that does not have them yet, with its own line ends. */
export function withLines(text: string, lines: readonly string[]): string {
  if (lines.length === 0) return text;
  const end = lineEndOf(text);
  const closed = text === "" || text.endsWith("\n") ? text : `${text}${end}`;
  return `${closed}${lines.join(end)}${end}`;
}

/** Adds the missing dependencies, and a test script when there is none, to a package.json. All else stays as it is written. */
export function withDependencies(
  text: string,
  present: ReadonlySet<string>,
  { dependencies, devDependencies }: Dependencies,
  testScript: string | undefined,
): string {
  const entries = [
    ...Object.entries(dependencies).map(([name, version]) => ["dependencies", name, version] as const),
    ...Object.entries(devDependencies).map(([name, version]) => ["devDependencies", name, version] as const),
  ].filter(([, name]) => !present.has(name));
  const added = entries.reduce((edited, [group, name, version]) => withValue(edited, [group, name], version), text);
  return testScript === undefined ? added : withValue(added, ["scripts", "test"], testScript);
}

function withValue(text: string, path: [group: string, name: string], value: string): string {
  // A byte order mark is kept, but the editor does not expect it.
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const json = text.slice(mark.length);
  const indent = /^[{\s]*\n([ \t]+)"/.exec(json)?.[1] ?? "  ";
  const isSorted = path[0] !== "scripts" && parse(json)?.[path[0]] !== undefined;
  const edits = modify(json, path, value, {
    formattingOptions: { insertSpaces: !indent.includes("\t"), tabSize: indent.length, eol: lineEndOf(json) },
    // npm keeps dependencies in this order. A new group comes last.
    getInsertionIndex: (names) => (isSorted ? names.filter((name) => name < path[1]).length : names.length),
  });
  return mark + applyEdits(json, edits);
}

const lineEndOf = (text: string) => (text.includes("\r\n") ? "\r\n" : "\n");
