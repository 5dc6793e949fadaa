import { curlWords, joined, UnreadableCommand } from "./shell-words.ts";

/** A file that a command sends, and that the page cannot open by itself. */
export interface FileOfCommand {
  readonly name: string;
  /** `-d @file` removes line ends and null bytes from the file; `--data-binary @file` does not. */
  readonly losesLineEnds: boolean;
}

/** The delivery that a curl command sends. */
export interface CurlDelivery {
  /** The bytes of the body; undefined when they are in a file. */
  readonly body?: Uint8Array;
  readonly file?: FileOfCommand;
  /** The value of `x-signature`; undefined when the command has none. */
  readonly signature?: string;
}

/** Options with a value, by their letter. What is not listed here or below has no value. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ d: "data", H: "header", F: "form", T: "upload-file", K: "config" },
  ...Object.fromEntries([..."AbcCDeEhmoPQrtuUwxXyYz"].map((letter) => [letter, "ignored"])),
};
const IGNORED =
  "cacert capath cert ciphers connect-timeout connect-to cookie cookie-jar dump-header interface key limit-rate max-redirs max-time noproxy output proxy proxy-user referer request resolve retry retry-delay retry-max-time tls-max unix-socket url user user-agent write-out".split(
    " ",
  );
const NAMES = new Set(
  "data data-ascii data-binary data-raw data-urlencode json header form form-string upload-file config".split(" "),
);

type Option = readonly [name: string, value: Uint8Array];

/**
 * Reads the body and the signature from a curl command, byte for byte.
 *
 * @throws {@link UnreadableCommand} when the command does not say what it sends
 */
export function readCurl(command: string): CurlDelivery {
  let body: Uint8Array | undefined;
  let file: FileOfCommand | undefined;
  let signature: string | undefined;
  for (const [name, value] of optionsOf(curlWords(command))) {
    if (name === "header") signature ??= signatureIn(value);
    else if (isDataOption(name)) {
      if (file) throw severalParts();
      const path = fileOf(name, value);
      if (path === undefined) body = body ? joined([body, separatorOf(name), value]) : value;
      else if (body) throw severalParts();
      else file = { name: path, losesLineEnds: name === "data" || name === "data-ascii" };
    }
  }
  if (file?.name === "-")
    throw new UnreadableCommand("The command reads its body from another command: paste the body.");
  if (!body && !file) throw new UnreadableCommand("The command sends no body: it has no --data-raw or --data-binary.");
  return { ...(body && { body }), ...(file && { file }), ...(signature !== undefined && { signature }) };
}

/** The file's bytes as curl sends them. */
export function sentBytes(bytes: Uint8Array, { losesLineEnds }: FileOfCommand): Uint8Array {
  return losesLineEnds ? bytes.filter((byte) => byte !== 10 && byte !== 13 && byte !== 0) : bytes;
}

function* optionsOf(words: readonly Uint8Array[]): Generator<Option> {
  const rest = words[Symbol.iterator]();
  for (const word of rest) {
    const text = textOf(word);
    const next = () => rest.next().value ?? new Uint8Array();
    if (text.startsWith("--")) {
      const name = text.slice(2);
      if (name === "get") throw inTheAddress();
      if (NAMES.has(name)) yield [name, next()];
      else if (IGNORED.includes(name)) next();
    } else if (text.startsWith("-")) yield* shortOptions(word, next);
  }
}

/** Letters may stand together, and the last one's value right behind it: `-sSd{}`. */
function* shortOptions(word: Uint8Array, next: () => Uint8Array): Generator<Option> {
  for (let at = 1; at < word.length; at++) {
    const letter = String.fromCharCode(word[at] ?? 0);
    if (letter === "G") throw inTheAddress();
    const name = LETTERS[letter];
    if (name === undefined) continue;
    yield [name, at + 1 < word.length ? word.slice(at + 1) : next()];
    return;
  }
}

function isDataOption(name: string): boolean {
  if (name === "config") throw new UnreadableCommand("The command reads its options from a file: paste them into it.");
  if (name.startsWith("form") || name === "data-urlencode")
    throw new UnreadableCommand(`--${name} sends a form. Popp sends JSON: use --data-raw or --data-binary.`);
  return NAMES.has(name);
}

function fileOf(name: string, value: Uint8Array): string | undefined {
  const text = textOf(value);
  if (name === "upload-file") return text;
  return text.startsWith("@") && name !== "data-raw" ? text.slice(1) : undefined;
}

const separatorOf = (name: string) => new TextEncoder().encode(name === "json" ? "" : "&");

function signatureIn(header: Uint8Array): string | undefined {
  return /^x-signature\s*:\s*(.*?)\s*$/is.exec(textOf(header))?.[1];
}

const textOf = (word: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(word);

const inTheAddress = () => new UnreadableCommand("-G puts the data into the address: the command sends no body.");
const severalParts = () => new UnreadableCommand("The body has several parts, one of them in a file: join them first.");
