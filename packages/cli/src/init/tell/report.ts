import { type Output, paint, paintWords } from "../../command-line/output.ts";
import { isChange, type Plan } from "../plan/plan.ts";
import type { Layout } from "../project/layout.ts";
import type { Project } from "../project/read-project.ts";
import type { Step } from "./next-steps.ts";
import { diffOf, paintedDiff } from "./show-diff.ts";

/** Shows what would change. With `--json` that is the answer of a dry run only. */
export function printDiffs(output: Output, { files }: Plan, isDryRun: boolean): void {
  for (const file of files.filter(isChange)) {
    const diff = diffOf(file);
    if (!output.isJson) output.result({}, `${paintedDiff(diff)}\n`);
    else if (isDryRun) output.result({ file: file.path, action: file.action, diff }, "");
  }
}

const DONE = { create: "created", "add to": "added to", keep: "unchanged", leave: "left" } as const;

/** Says what was done with each file. */
export function printFiles(output: Output, { files }: Plan): void {
  for (const file of files) {
    const { path, action } = file;
    const done = DONE[action].padEnd(9);
    const why = action === "leave" ? "  (it is there with other content)" : "";
    const color = action === "leave" ? "yellow" : isChange(file) ? "green" : "dim";
    output.result({ file: path, action: DONE[action] }, `${paint(color, done)}  ${path}${why}`);
  }
}

/** Says what is left to the user. */
export function printByHand(output: Output, { byHand }: Plan): void {
  for (const { where, text } of byHand) {
    if (output.isJson) output.result({ byHand: where, text }, "");
    else output.say(`\nAdd this to ${paintWords("bold", where)}:\n\n${text.replace(/^(?=.)/gm, "  ")}`);
  }
}

/** Says what comes next. */
export function printSteps(
  output: Output,
  project: Project,
  layout: Layout,
  steps: readonly Step[],
  hasChanges: boolean,
): void {
  const notes = [...notesOn(layout), ...(loadsEnv(project, layout) ? [] : [NOT_LOADED])];
  if (output.isJson) {
    output.result({ next: steps.map(({ command }) => command), notes }, "");
    return;
  }
  const lines = steps.map(({ command, meaning }) => `  # ${meaning}\n  $ ${paintWords("bold", command)}`);
  const head = hasChanges ? "Next:" : "Everything is there. Next:";
  output.say(["", head, ...lines, "", ...notes].join("\n"));
}

const NOT_LOADED = "Your server must load .env: `node --env-file=.env`, or the package dotenv.";

/** Whether somebody reads .env when the server starts. */
function loadsEnv({ manifest, dependencies }: Project, { isNew, framework, isWorker }: Layout): boolean {
  const scripts = Object.values(manifest.scripts ?? {}).join("\n");
  return (
    isNew || framework === "next" || isWorker || dependencies.has("dotenv") || /--env-file|dotenv|\bbun\b/.test(scripts)
  );
}

function notesOn({ isNew, isWorker, hasInbox, testRunner }: Layout): readonly string[] {
  return [
    `The secret is a random one for development. In production, set the one of Popp's Developer Portal${isWorker ? ": `npx wrangler secret put POPP_WEBHOOK_SECRET`" : ""}.`,
    ...(testRunner ? [] : ["No test was written, because init writes them for vitest and node:test only."]),
    ...(isNew && isOlderThan(22, 18)
      ? [`This is Node ${process.versions.node}. The project needs Node 22.18 or newer.`]
      : hasInbox && !isWorker && isOlderThan(22, 13)
        ? [`This is Node ${process.versions.node}. The inbox needs Node 22.13 or newer, or the package better-sqlite3.`]
        : []),
  ];
}

/** Whether this Node is older than a version. */
function isOlderThan(major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split(".").map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
