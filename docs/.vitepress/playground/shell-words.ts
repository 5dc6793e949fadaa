/** A command that the page cannot read. The message says why, and what to do. */
export class UnreadableCommand extends Error {}

/**
 * The words of the first `curl` command in a text, as bash makes them. A word is bytes, because `$'\xff'` is a byte that no text has.
 *
 * @throws {@link UnreadableCommand} for what only a shell can compute, and for a quote that does not end
 */
export function curlWords(text: string): readonly Uint8Array[] {
  if (/\^["\r\n]/.test(text)) throw new UnreadableCommand("This command is for cmd of Windows. Copy it for bash.");
  const command = commandsIn(text).find(([first]) => first !== undefined && isCurl(first));
  if (!command) throw new UnreadableCommand("There is no curl command in this text.");
  return command.slice(1);
}

const isCurl = (word: Uint8Array) => /(?:^|\/)curl(?:\.exe)?$/.test(new TextDecoder().decode(word));

/** Each part of a command begins in its own way; the order matters. A pattern without alternation inside a repetition needs no deep stack. */
const PARTS = {
  space: /[ \t]+|\\\r?\n/y,
  end: /\r?\n|[;|&()<>]/y,
  comment: /#[^\n]*/y,
  single: /'([^']*)'/y,
  ansi: /\$'([^'\\]*(?:\\[\s\S][^'\\]*)*)'/y,
  double: /\$?"([^"\\]*(?:\\[\s\S][^"\\]*)*)"/y,
  escaped: /\\([\s\S])/y,
  expansion: /`|\$(?:[A-Za-z_]\w*|[{(])/y,
  plain: /[^\s'"\\`$;|&()<>]+|\$/y,
} as const;

type Part = keyof typeof PARTS;

function commandsIn(text: string): Uint8Array[][] {
  const commands: Uint8Array[][] = [[]];
  let word: Uint8Array[] | undefined;
  const endWord = () => {
    // A prompt that was copied with the command.
    if (word && !(commands.at(-1)?.length === 0 && joined(word).join() === "36")) commands.at(-1)?.push(joined(word));
    word = undefined;
  };
  for (let at = 0; at < text.length; ) {
    const [part, match] = partAt(text, at, word !== undefined);
    at += match[0].length;
    if (part === "space" || part === "end") endWord();
    if (part === "end") commands.push([]);
    const bytes = bytesOfPart(part, match);
    if (bytes) word = [...(word ?? []), bytes];
  }
  endWord();
  return commands;
}

function partAt(text: string, at: number, isInWord: boolean): readonly [Part, RegExpExecArray] {
  for (const part of Object.keys(PARTS) as Part[]) {
    if (part === "comment" && isInWord) continue;
    const pattern = PARTS[part];
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [part, match];
  }
  throw new UnreadableCommand("A quote in the command does not end: copy the whole command.");
}

const utf8 = new TextEncoder();

function bytesOfPart(part: Part, [whole, inner = ""]: RegExpExecArray): Uint8Array | undefined {
  switch (part) {
    case "single":
    case "escaped":
      return utf8.encode(inner);
    case "plain":
      return utf8.encode(whole);
    case "double":
      return utf8.encode(unquoted(inner));
    case "ansi":
      return ansiBytes(inner);
    case "expansion":
      throw unknownTo(whole);
    default:
      return undefined;
  }
}

/** The text between double quotes. */
function unquoted(inner: string): string {
  return inner.replace(/\\([\s\S])|`|\$(?:[A-Za-z_]\w*|[{(])/g, (found, escaped?: string) => {
    if (escaped === undefined) throw unknownTo(found);
    if (escaped === "\n") return "";
    return '"\\$`'.includes(escaped) ? escaped : found;
  });
}

const unknownTo = (found: string) =>
  new UnreadableCommand(
    `The command has ${/^\$\w/.test(found) ? `the variable ${found}` : "a command inside it"}, and only a shell knows its value. Put the value in its place.`,
  );

const LETTERS: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", e: "\x1b", E: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};

/** The bytes of `$'…'`. */
function ansiBytes(inner: string): Uint8Array {
  const escapes = /\\(?:x([\da-fA-F]{1,2})|([0-7]{1,3})|u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|c([\s\S])|([\s\S]))/g;
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const match of inner.matchAll(escapes)) {
    parts.push(utf8.encode(inner.slice(end, match.index)), escapeBytes(match));
    end = match.index + match[0].length;
  }
  return joined([...parts, utf8.encode(inner.slice(end))]);
}

function escapeBytes([whole, hex, octal, short, long, control, letter = ""]: RegExpExecArray): Uint8Array {
  if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
  if (octal !== undefined) return Uint8Array.of(Number.parseInt(octal, 8));
  const point = short ?? long;
  if (point !== undefined) return utf8.encode(characterOf(Number.parseInt(point, 16)));
  if (control !== undefined) return Uint8Array.of((control.codePointAt(0) ?? 0) & 31);
  return utf8.encode(LETTERS[letter] ?? (/["'\\?]/.test(letter) ? letter : whole));
}

const characterOf = (point: number) => (point <= 0x10ffff ? String.fromCodePoint(point) : "\ufffd");

/** One piece of bytes from several. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
