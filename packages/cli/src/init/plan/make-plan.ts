import type { Layout } from "../project/layout.ts";
import type { Project } from "../project/read-project.ts";
import { handlersFile } from "../templates/handlers.ts";
import { inboxFile, instrumentationFile } from "../templates/inbox.ts";
import { manifestFile, typeScriptFiles, wranglerFile } from "../templates/project-files.ts";
import { routeFile } from "../templates/route.ts";
import { routeTestFile } from "../templates/route-test.ts";
import { serverFile } from "../templates/server.ts";
import { withDependencies } from "./add-to-text.ts";
import { dependenciesOf } from "./dependencies.ts";
import { environmentFiles } from "./environment.ts";
import { mountingByHand } from "./mounting.ts";
import { addedTo, type ByHand, created, type Plan, type PlannedFile } from "./plan.ts";

/** Plans all files of a project. Nothing is written. */
export function makePlan(project: Project, layout: Layout): Plan {
  const { extension, folder } = layout;
  const test = routeTestFile(layout);
  const route = created(project, `${folder}/route.${extension}`, routeFile(layout));
  const files = [
    ...(layout.isNew ? newProjectFiles(project, layout) : [manifestWithDependencies(project, layout)]),
    created(project, `${folder}/handlers.${extension}`, handlersFile(layout)),
    ...(layout.hasInbox ? [created(project, `${folder}/inbox.${extension}`, inboxFile(layout))] : []),
    route,
    ...(test ? [created(project, `${folder}/route.test.${extension}`, test)] : []),
    ...environmentFiles(project, layout),
  ];
  const byHand: ByHand[] = [];
  if (route.action === "leave") byHand.push({ where: route.path, text: routeFile(layout).trimEnd() });
  if (layout.framework === "next" && layout.hasInbox) {
    const instrumentation = instrumentationOf(project, layout);
    files.push(instrumentation);
    if (instrumentation.action === "leave" && !instrumentation.after.includes("popp/inbox"))
      byHand.push({ where: instrumentation.path, text: instrumentationFile(layout).trimEnd() });
  }
  const left = files.find(({ path, action }) => path === serverPath(layout) && action === "leave")?.path;
  return { files, byHand: [...byHand, ...mountingByHand(project, layout, left)] };
}

const serverPath = ({ sources, isWorker }: Layout) => `${sources}${isWorker ? "index" : "server"}.ts`;

function newProjectFiles(project: Project, layout: Layout): readonly PlannedFile[] {
  const { isWorker } = layout;
  const server = serverFile(layout);
  return [
    created(project, "package.json", manifestFile(layout, project.folder)),
    ...Object.entries(typeScriptFiles(layout)).map(([name, text]) => created(project, name, text)),
    ...(isWorker && !project.wrangler
      ? [created(project, "wrangler.jsonc", wranglerFile(layout, project.folder))]
      : []),
    ...(server ? [created(project, serverPath(layout), server)] : []),
  ];
}

function manifestWithDependencies(project: Project, layout: Layout): PlannedFile {
  const test = layout.testRunner === "vitest" && !project.manifest.scripts?.test ? "vitest run" : undefined;
  return addedTo(project, "package.json", (text) =>
    withDependencies(text, project.dependencies, dependenciesOf(layout), test),
  );
}

/** One in JavaScript may be there in a project in TypeScript. */
function instrumentationOf(project: Project, layout: Layout): PlannedFile {
  const names = ["ts", "js", "mjs"].map((extension) => `${layout.sources}instrumentation.${extension}`);
  const path = names.find(project.has) ?? `${layout.sources}instrumentation.${layout.extension}`;
  return created(project, path, instrumentationFile(layout));
}
