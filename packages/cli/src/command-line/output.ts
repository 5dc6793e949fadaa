import { styleText } from "node:util";
import Table from "cli-table3";

type Format = Parameters<typeof styleText>[0];

/** Writes what a command has to say: data to standard output, words to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** Writes a result to standard output: one line of JSON with `--json`, else the text. */
  result(data: object, text: string): void;
  /** Writes words for a person to standard error. */
  say(text: string): void;
}

/** The output of a command with these options. */
export function outputOf({ json = false }: { readonly json?: boolean | undefined }): Output {
  return {
    isJson: json,
    result: (data, text) => void process.stdout.write(`${json ? printableJson(data) : text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
  };
}

/** Colors a text for standard output. It stays plain in a pipe and with NO_COLOR. */
export function paint(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** Colors a text for standard error. It stays plain in a pipe and with NO_COLOR. */
export function paintWords(format: Format, text: string): string {
  return styleText(format, text, { stream: process.stderr });
}

const EDGES = ["left", "right", "top", "bottom", "top-mid", "top-left", "top-right", "bottom-mid", "bottom-left"];
const NO_LINES = Object.fromEntries(
  [...EDGES, "bottom-right", "left-mid", "right-mid", "mid", "mid-mid"].map((name) => [name, ""]),
);

/** A table without lines, for standard output. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: head.map((title) => paint("bold", title)),
    // cli-table3 would color head and borders in a pipe too.
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
    chars: { ...NO_LINES, middle: "  " },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Makes a text from outside safe for a terminal: control characters, escape codes and direction marks become visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === "\n" ? "\\n" : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON that is safe for a terminal, with the same meaning: JSON.stringify leaves direction marks and the escape codes above U+007F as they are. */
function printableJson(data: object, indent?: number): string {
  return JSON.stringify(data, null, indent).replace(/[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

/** Cuts a text that would not fit, with a sign that it was cut. */
export function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}
