// Compiles the mistakes in consumer/mistakes with every supported TypeScript: an editor must put each error on the word that is wrong.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = "mistakes/mistakes.ts";

/** The errors that the carets in the file announce for one compiler, as `line:column code`, with a part of each message. */
function announced(text, version) {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const [, before, only, code, message] = /^(\/\/ *)\^ (5\.4 |5\.5\+ )?(TS\d+) (.+)$/.exec(line) ?? [];
    if (code === undefined || (only !== undefined && (only === "5.4 ") !== (version === "5.4"))) return [];
    const above = lines.slice(0, at).findLastIndex((other) => !/^\/\/ *\^/.test(other));
    return [{ place: `${above + 1}:${before.length + 1} ${code}`, message }];
  });
}

/** @returns how many mistakes the compiler reports as announced; throws where one differs */
export function checkMistakes(project, version, tsc) {
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.mistakes.json", "--pretty", "false"], {
    cwd: project,
    encoding: "utf8",
  });
  const reported = stdout.split(/\n(?=\S)/).flatMap((error) => {
    const [, line, column, code] = /^mistakes\/mistakes\.ts\((\d+),(\d+)\): error (TS\d+):/.exec(error) ?? [];
    return code === undefined ? [] : [{ place: `${line}:${column} ${code}`, message: error }];
  });
  const expected = announced(readFileSync(join(project, FILE), "utf8"), version);
  const wrong = [
    ...expected.filter(
      ({ place, message }) => !reported.some((one) => one.place === place && one.message.includes(message)),
    ),
    ...reported.filter(({ place }) => !expected.some((one) => one.place === place)),
  ];
  if (expected.length === 0 || wrong.length > 0)
    throw new Error(`TypeScript ${version}, ${FILE}: ${JSON.stringify(wrong, null, 2)}\nreported:\n${stdout}`);
  return expected.length;
}
