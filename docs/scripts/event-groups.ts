/** The groups of the catalog, as its sources have them: one file of `packages/core/src/events` is one group. */

import { readdirSync, readFileSync } from "node:fs";
import type { PoppEventName } from "@popp-webhooks/core";

const folder = new URL("../../packages/core/src/events/", import.meta.url);

export interface EventGroup {
  /** The file's name, which is the page's. */
  readonly slug: string;
  readonly title: string;
  /** What the data of the group's events is about, from the comment on its interface. */
  readonly about: string;
  readonly names: readonly PoppEventName[];
}

const catalog = readFileSync(new URL("catalog.ts", folder), "utf8");
const placeOf = ({ slug }: EventGroup) => catalog.indexOf(`...${slug}Schemas()`);

/** A comment's text as one paragraph after another. */
const proseOf = (comment: string) =>
  comment
    .replace(/^\s*\* ?/gm, "")
    .trim()
    .replaceAll(/(?<!\n)\n(?!\n)/g, " ");

export const eventGroups: readonly EventGroup[] = readdirSync(folder)
  .filter((file) => !file.includes("test"))
  .flatMap((file) => {
    const source = readFileSync(new URL(file, folder), "utf8");
    const names = [...source.matchAll(/^ {2}readonly ([A-Z_]+): \w+Event;$/gm)].map(
      ([, name = ""]) => name as PoppEventName,
    );
    if (names.length === 0) return [];
    const slug = file.replace(".ts", "");
    const [, comment = ""] =
      source.match(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport interface \w+ extends ResourceData/) ?? [];
    return [{ slug, title: `${slug[0]?.toUpperCase()}${slug.slice(1)} events`, about: proseOf(comment), names }];
  })
  .sort((a, b) => placeOf(a) - placeOf(b));

/** The literals of `ConversationStatus`. */
export function statuses(): string[] {
  const source = readFileSync(new URL("conversation.ts", folder), "utf8");
  const [, union = ""] = source.match(/type ConversationStatus =([\s\S]*?);/) ?? [];
  return [...union.matchAll(/"([A-Z_]+)"/g)].map(([, status = ""]) => status);
}
