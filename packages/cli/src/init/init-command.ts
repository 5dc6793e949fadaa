import type { Command } from "@commander-js/extra-typings";
import { Option } from "@commander-js/extra-typings";
import { CliError } from "../command-line/cli-error.ts";
import { confirmed } from "../command-line/confirm.ts";
import { isInteractive } from "../command-line/is-interactive.ts";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf } from "../command-line/output.ts";
import { askFramework, askWhether } from "./ask.ts";
import { makePlan } from "./plan/make-plan.ts";
import { isChange } from "./plan/plan.ts";
import { FRAMEWORKS, type Framework, frameworksIn } from "./project/framework.ts";
import { type Layout, layoutOf } from "./project/layout.ts";
import { packageManagerOf } from "./project/package-manager.ts";
import { type Project, readProject } from "./project/read-project.ts";
import { nextSteps } from "./tell/next-steps.ts";
import { printByHand, printDiffs, printFiles, printSteps } from "./tell/report.ts";
import { writeFiles } from "./write-files.ts";

const EXAMPLES = [
  ["popp-webhooks init", "add a route to the project in this folder"],
  ["popp-webhooks init --framework hono", "a new project in an empty folder"],
  ["popp-webhooks init --inbox --dry-run", "what it would write, with a durable inbox"],
] as const;

const NAMES = Object.keys(FRAMEWORKS) as Framework[];

/** `init`: writes a route, its handlers, a test and a secret for development into a project. */
export function initCommand(): Command {
  return newCommand("init", "Add a webhook route to this project, or start a new one.", EXAMPLES)
    .addOption(new Option("--framework <name>", "the framework, where it cannot be found").choices(NAMES))
    .option("--inbox", "store events before the answer, and retry handlers")
    .option("--dry-run", "show what would be written, and write nothing")
    .option("-y, --yes", "write without asking")
    .action(async (options) => {
      const output = outputOf(options);
      const asks = isInteractive(options) && !options.yes;
      const project = readProject(process.cwd());
      const framework = options.framework ?? (await frameworkOf(project, asks));
      const layout = await withInbox(project, layoutOf(project, framework, options.inbox), asks && !options.dryRun);
      const plan = makePlan(project, layout);
      const hasChanges = plan.files.some(isChange);
      if (!layout.isNew || options.dryRun) printDiffs(output, plan, options.dryRun ?? false);
      if (options.dryRun) {
        output.say(hasChanges ? "Nothing was written." : "There is nothing to write.");
        return;
      }
      if (hasChanges && !layout.isNew && !(await confirmed("Write this?", options)))
        return output.say("Nothing was changed.");
      writeFiles(project.folder, plan.files);
      printFiles(output, plan);
      printByHand(output, plan);
      printSteps(output, project, layout, nextSteps(project, layout, packageManagerOf(project)), hasChanges);
    }) as unknown as Command;
}

async function frameworkOf(project: Project, asks: boolean): Promise<Framework> {
  const found = frameworksIn(project);
  if (found.length === 1 && found[0]) return found[0];
  if (asks) return askFramework(found.length > 1 ? found : NAMES);
  const names = `--framework ${NAMES.join(", ").replace(/, (?=\w+$)/, " or ")}`;
  if (found.length > 1)
    throw new CliError("usage", "FRAMEWORK_AMBIGUOUS", `package.json has ${found.join(" and ")}. Give ${names}.`);
  const where = project.isNew ? "This folder has no package.json" : "package.json has no framework that init knows";
  throw new CliError("usage", "FRAMEWORK_MISSING", `${where}. Give ${names}; hono is the smallest.`);
}

/** Asks for the inbox, unless the options or the files have decided. */
async function withInbox(project: Project, layout: Layout, asks: boolean): Promise<Layout> {
  const isDecided = layout.hasInbox || project.has(`${layout.folder}/route.${layout.extension}`);
  if (!asks || isDecided) return layout;
  const store = layout.isWorker ? "in D1" : "in a SQLite file";
  const hasInbox = await askWhether(`Store events ${store} before the answer, and retry handlers?`, false);
  return { ...layout, hasInbox };
}
