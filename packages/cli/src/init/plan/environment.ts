import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { poppFolder } from "../../command-line/popp-folder.ts";
import { SECRET_VARIABLE } from "../../command-line/read-secret.ts";
import { randomSecret } from "../../dev/make-secret.ts";
import type { Layout } from "../project/layout.ts";
import type { Project } from "../project/read-project.ts";
import { withLines } from "./add-to-text.ts";
import { addedTo, type PlannedFile } from "./plan.ts";

/** Plans the line with the secret, an example of it for others, and the lines that keep it out of git. */
export function environmentFiles(project: Project, layout: Layout): readonly PlannedFile[] {
  const file = environmentFile(project, layout);
  const example = `${file}.example`;
  const secret = secretOfDev(project) ?? randomSecret();
  const line = (value: string) => (text: string) =>
    isSet(text) ? text : withLines(text, [`${SECRET_VARIABLE}=${value}`]);
  const ignored = ignoredLines(layout, file);
  return [
    addedTo(project, file, line(secret), secret),
    ...(layout.isNew || project.has(example) ? [addedTo(project, example, line(""))] : []),
    addedTo(project, ".gitignore", (text) =>
      withLines(
        text,
        ignored.filter((name) => !isIgnored(text, name)),
      ),
    ),
  ];
}

/** Where the project's variables are: where the secret is set already, or the file that the platform reads. */
function environmentFile({ has, read }: Project, { isWorker, framework }: Layout): string {
  const files = isWorker ? [".dev.vars", ".env"] : framework === "next" ? [".env.local", ".env"] : [".env"];
  const set = files.find((file) => isSet(read(file) ?? ""));
  if (set) return set;
  // wrangler reads no .env beside a .dev.vars, so a new .dev.vars would hide what is in an .env.
  if (isWorker) return has(".env") && !has(".dev.vars") ? ".env" : ".dev.vars";
  return files.find(has) ?? ".env";
}

const isSet = (text: string) => Object.hasOwn(parseEnv(text), SECRET_VARIABLE);

/** The secret that `dev` made in this folder, so that the app accepts what was recorded. */
function secretOfDev({ folder }: Project): string | undefined {
  try {
    return readFileSync(poppFolder(folder).secretFile, "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

function ignoredLines({ isNew, isWorker, framework, hasInbox }: Layout, file: string): readonly string[] {
  const built = framework === "next" ? [".next/", "next-env.d.ts"] : isWorker ? [".wrangler/", "dist/"] : ["dist/"];
  return [...(isNew ? ["node_modules/", ...built] : []), file, ...(hasInbox && !isWorker ? ["popp.db*"] : [])];
}

/** Whether a .gitignore has a file's name, or all names with its beginning. */
function isIgnored(text: string, name: string): boolean {
  const patterns = text.split(/\r?\n/).map((line) => line.trim().replace(/^(\*\*)?\//, ""));
  const spellings = [name, name.replace(/\/$/, "")];
  return patterns.some((pattern) =>
    /^[^*]+\*$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : spellings.includes(pattern),
  );
}
