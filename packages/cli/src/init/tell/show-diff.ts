import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { paint, printable } from "../../command-line/output.ts";
import type { PlannedFile } from "../plan/plan.ts";

/** The change of a file as a unified diff. Of a file with secrets only the added lines are shown, without the value. */
export function diffOf({ path, before, after, hidden }: PlannedFile): string {
  const from = before === undefined ? "/dev/null" : path;
  const [old, now] =
    hidden === undefined
      ? [before ?? "", after]
      : [
          "",
          after
            .slice(before?.length ?? 0)
            .trimStart()
            .replace(hidden, "(a random one, for development)"),
        ];
  const patch = createTwoFilesPatch(from, path, old, now, "", "", { context: 3, headerOptions: FILE_HEADERS_ONLY });
  const lines = patch.trimEnd().split("\n");
  return lines.map((line) => printable(line.replace(/\r$/, ""))).join("\n");
}

/** A diff for a terminal. */
export function paintedDiff(diff: string): string {
  return diff.split("\n").map(painted).join("\n");
}

function painted(line: string): string {
  if (/^(---|\+\+\+) /.test(line)) return paint("bold", line);
  if (line.startsWith("@@")) return paint("cyan", line);
  return line.startsWith("+") ? paint("green", line) : line.startsWith("-") ? paint("red", line) : line;
}
