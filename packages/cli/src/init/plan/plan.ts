import type { Project } from "../project/read-project.ts";

/** What `init` does to one file. */
export interface PlannedFile {
  readonly path: string;
  /** The text that it has now. undefined when there is no such file. */
  readonly before: string | undefined;
  /** The text that it has afterwards. */
  readonly after: string;
  readonly action: "create" | "add to" | "keep" | "leave";
  /** Part of the text that is not to be shown. */
  readonly hidden?: string | undefined;
}

/** What the user has to do to a file that `init` leaves. */
export interface ByHand {
  /** The file, or the place where its name is not known. */
  readonly where: string;
  readonly text: string;
}

/** All that `init` would do. */
export interface Plan {
  readonly files: readonly PlannedFile[];
  readonly byHand: readonly ByHand[];
}

/** Plans a file of `init`'s own. One that is there is never overwritten: it is left if it has another text. */
export function created({ read }: Project, path: string, after: string): PlannedFile {
  const before = read(path);
  if (before === undefined) return { path, before, after, action: "create" };
  return before === after ? { path, before, after, action: "keep" } : { path, before, after: before, action: "leave" };
}

/** Plans to add to a file that others write too. */
export function addedTo({ read }: Project, path: string, add: (text: string) => string, hidden?: string): PlannedFile {
  const before = read(path);
  const after = add(before ?? "");
  return {
    path,
    before,
    after,
    hidden,
    action: before === undefined ? "create" : before === after ? "keep" : "add to",
  };
}

export const isChange = ({ action }: PlannedFile): boolean => action === "create" || action === "add to";
