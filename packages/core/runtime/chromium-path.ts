import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const folders = (process.env.PATH ?? "").split(delimiter);
const names = ["chromium", "chromium-browser", "google-chrome"];

/** Where Chromium is on this machine; undefined when there is none. */
export const chromiumPath: string | undefined = names
  .flatMap((name) => folders.map((folder) => join(folder, name)))
  .find(isExecutable);
