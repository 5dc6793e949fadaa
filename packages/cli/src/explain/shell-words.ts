const PART = /'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\$'(?:\\[\s\S]|[^'\\])*'|\\(?!\r?\n)[\s\S]|[^\s'"\\]/g;
const WORD = new RegExp(`(?:${PART.source})+`, "g");

/** Splits a command line for sh or bash into its words, without quotes. Variables and commands in it stay as they are. */
export function shellWords(line: string): readonly string[] {
  return (line.match(WORD) ?? []).map((word) => (word.match(PART) ?? []).map(unquoted).join(""));
}

function unquoted(part: string): string {
  if (part.startsWith("$'")) return part.slice(2, -1).replace(ESCAPE, unescaped);
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\([$`"\\])/g, "$1");
  return part.startsWith("\\") ? part.slice(1) : part;
}

/** The escapes of bash's `$'…'`, in which browsers copy a request. */
const ESCAPE = /\\(?:u([0-9a-f]{1,4})|x([0-9a-f]{1,2})|([0-7]{1,3})|([\s\S]))/gi;
const LETTERS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

function unescaped(_: string, unit?: string, hex?: string, octal?: string, letter = ""): string {
  const code = unit ?? hex;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return octal === undefined ? (LETTERS[letter] ?? letter) : String.fromCharCode(Number.parseInt(octal, 8));
}
