import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createProgram } from "./program.ts";

type Found = { readonly words: string[]; readonly help: string };

/** Every command, those of `inbox` too. */
function commandsOf(command: ReturnType<typeof createProgram>, before: readonly string[] = []): Found[] {
  return command.commands
    .filter((each) => each.name() !== "complete")
    .flatMap((each) => {
      const words = [...before, each.name()];
      const written: string[] = [];
      each.configureOutput({ writeOut: (text) => written.push(text), getOutHelpWidth: () => 80 });
      each.outputHelp();
      return each.commands.length > 0 ? commandsOf(each as never, words) : [{ words, help: written.join("") }];
    });
}

const commands = commandsOf(createProgram());
const guide = readFileSync(new URL("../../../docs/guide/cli.md", import.meta.url), "utf8");

describe.each(commands.map(({ words, help }) => [words.join(" "), help]))("%s", (name, help) => {
  it("has help that fits a screen and ends with examples", () => {
    const lines = help.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(50);
    expect(help).toMatch(/\nExamples:\n(?: {2}# \S.*\n {2}\$ \S.*\n?)+$/);
    expect(
      help
        .slice(0, help.indexOf("Examples:"))
        .split("\n")
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });

  it("has a section of the guide", () => {
    expect(guide).toContain(`\n## ${name.split(" ")[0]}\n`);
  });
});
