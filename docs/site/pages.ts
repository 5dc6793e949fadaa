import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { built } from "./serve-site.ts";

export interface BuiltPage {
  /** Its clean address, such as `/guide/inbox`. */
  readonly path: string;
  readonly html: string;
}

/** Every page of the built site but the one for addresses that do not exist. */
export const pages: readonly BuiltPage[] = globSync("**/*.html", { cwd: built })
  .filter((file) => file !== "404.html")
  .sort()
  .map((file) => ({
    path: `/${file.replace(/(^|\/)index\.html$/, "$1").replace(/\.html$/, "")}`,
    html: readFileSync(join(built, file), "utf8"),
  }));
