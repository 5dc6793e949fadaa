import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** A place in the sources that parses bodies. */
export interface ParserCall {
  /** Such as `src/app.ts:12`. */
  readonly place: string;
  /** Whether the route of the receiver is mounted later in the same file. */
  readonly isBeforeRoute: boolean;
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const SKIPPED = /^(?:node_modules|dist|build|out|coverage|\..*)$/;
const PARSER = /\bexpress\.json\(|\bbodyParser(?:\.json)?\(|\.use\(\s*json\(/;
const ROUTE = /\bto(?:ExpressHandler|NodeListener)\(|webhooks?\/popp/;

/** More than that is no app whose sources could be looked through quickly. */
const MOST_FILES = 2_000;
const MOST_BYTES = 500_000;

/** Finds calls of body parsers in the sources of a project. A weak sign: what counts is whether bytes arrive. */
export function parserCalls(project: string): readonly ParserCall[] {
  const calls: ParserCall[] = [];
  let files = 0;
  const look = (folder: string) => {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (SKIPPED.test(entry.name)) continue;
      if (entry.isDirectory()) look(path);
      else if (entry.isFile() && SOURCE.test(entry.name) && files++ < MOST_FILES) calls.push(...callsIn(path, project));
    }
  };
  look(project);
  return calls;
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function callsIn(path: string, project: string): readonly ParserCall[] {
  const text = readFileSync(path, "utf8");
  if (text.length > MOST_BYTES) return [];
  const lines = text.split("\n").map((line) => (/^\s*(?:\/\/|\*)/.test(line) ? "" : line));
  return lines.flatMap((line, index) => {
    if (!PARSER.test(line)) return [];
    const isBeforeRoute = lines.slice(index).some((later) => ROUTE.test(later) && !/^\s*import\b/.test(later));
    return [{ place: `${relative(project, path)}:${index + 1}`, isBeforeRoute }];
  });
}
