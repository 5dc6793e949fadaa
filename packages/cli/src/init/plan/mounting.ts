import { posix } from "node:path";
import type { Layout } from "../project/layout.ts";
import type { Project } from "../project/read-project.ts";
import { D1_LINES } from "../templates/project-files.ts";
import type { ByHand } from "./plan.ts";

/**
 * What the user adds to files that `init` does not touch: the server of an existing project mounts the route, and starts the inbox.
 *
 * @param left - the server of a new project, where one was there already
 */
export function mountingByHand(project: Project, layout: Layout, left: string | undefined): readonly ByHand[] {
  const { framework, hasInbox, isNew, isWorker, folder } = layout;
  if (framework === "next" || (isNew && left === undefined)) return [];
  const server = left ?? serverFile(project, layout);
  const text = server === undefined ? "" : (project.read(server) ?? "");
  const where = server ?? (isWorker ? "your Worker" : "the file that creates your app");
  const from = (file: string) => {
    const path = posix.relative(posix.dirname(server ?? `${layout.sources}server`), `${folder}/${file}`);
    return `./${path}${layout.importEnd}`.replace(/^\.\/\.\./, "..");
  };
  const use = (name: string, file: string) =>
    layout.isCommonJs && !layout.isTypeScript
      ? `const { ${name} } = require("${from(file)}");`
      : `import { ${name} } from "${from(file)}";`;
  const inbox = isWorker ? "inboxOf" : "inbox";
  const missing = [
    ...(text.includes("popp/route") ? [] : [{ use: use("popp", "route"), line: mountLine(layout) }]),
    ...(!hasInbox || text.includes("popp/inbox")
      ? []
      : [{ use: use(inbox, "inbox"), line: isWorker ? SWEEP_LINE : "inbox.start();" }]),
  ];
  const steps: ByHand[] = [];
  if (missing.length > 0) {
    const [uses, lines] = [missing.map((part) => part.use), missing.map((part) => part.line)];
    steps.push({ where, text: `${uses.join("\n")}\n\n${lines.join("\n\n")}` });
  }
  if (hasInbox && isWorker && !(project.read(project.wrangler ?? "") ?? "").includes("d1_databases"))
    steps.push(
      project.wrangler?.endsWith(".toml")
        ? { where: project.wrangler, text: D1_TOML }
        : { where: project.wrangler ?? "wrangler.jsonc", text: D1_LINES },
    );
  return steps;
}

const SWEEP_LINE = `// Beside fetch, in the default export:
scheduled: async (_controller, env) => {
  await inboxOf(env).sweep();
},`;

const D1_TOML = `[[d1_databases]]
binding = "DB"
database_name = "popp"
database_id = "local"

[triggers]
crons = ["* * * * *"]`;

function mountLine({ framework }: Layout): string {
  if (framework === "workers")
    return `// In fetch(request, env, ctx):
if (new URL(request.url).pathname === "/webhooks/popp")
  return popp.fetch(request, env, ctx);`;
  if (framework === "fastify") return 'await app.register(popp, { prefix: "/webhooks/popp" });';
  const before = framework === "express" ? "express.json()" : "middleware that reads the body";
  return `// Before ${before}: the signature covers the exact bytes.\napp.post("/webhooks/popp", popp);`;
}

const NAMES = ["server", "app", "index", "main", "worker"];
const EXTENSIONS = ["ts", "mts", "js", "mjs", "cjs"];

/** The file that creates the app: the one that a manifest names, or one with a usual name that uses the framework. */
function serverFile({ manifest, wrangler, read, has }: Project, { framework }: Layout): string | undefined {
  const worker = /["']?main["']?\s*[:=]\s*["']([^"']+)["']/.exec(read(wrangler ?? "") ?? "")?.[1];
  if (worker !== undefined) return posix.normalize(worker);
  const usual = ["src/", ""].flatMap((base) =>
    NAMES.flatMap((name) => EXTENSIONS.map((extension) => `${base}${name}.${extension}`)),
  );
  const named = typeof manifest.main === "string" ? [posix.normalize(manifest.main)] : [];
  const found = [...named, ...usual].filter(has);
  return framework === "workers"
    ? found[0]
    : found.find((file) => read(file)?.includes(`"${framework}"`) || read(file)?.includes(`'${framework}'`));
}
