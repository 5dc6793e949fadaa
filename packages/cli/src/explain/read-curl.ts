import { parseArgs } from "node:util";
import { CliError } from "../command-line/cli-error.ts";
import { readBytes } from "../command-line/read-bytes.ts";
import type { HeaderPair } from "../http/send-bytes.ts";
import { pairOf } from "./read-headers.ts";
import { shellWords } from "./shell-words.ts";

const text = { type: "string" } as const;
/** Only what carries headers and a body. Whatever else curl knows is passed over. */
const OPTIONS = {
  header: { ...text, short: "H" },
  data: { ...text, short: "d" },
  ...{ "data-ascii": text, "data-raw": text, "data-binary": text, json: text },
} as const;

/** Reads headers and body of a curl command, as a browser copies it or `send --curl` prints it. */
export async function readCurl(
  command: string,
): Promise<{ readonly body: Uint8Array; readonly headers: readonly HeaderPair[] }> {
  const [name, ...args] = shellWords(command);
  if (name !== "curl")
    throw new CliError("usage", "NOT_CURL", "--curl takes a command that begins with curl, for sh or bash.");
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true });
  const headers: HeaderPair[] = [];
  const bodies: Uint8Array[] = [];
  for (const token of tokens) {
    if (token.kind !== "option" || token.value === undefined || !Object.hasOwn(OPTIONS, token.name)) continue;
    if (token.name === "header") headers.push(pairOf(token.value));
    else bodies.push(...(bodies.length > 0 ? [Buffer.from("&")] : []), await dataOf(token.name, token.value));
  }
  return { headers, body: new Uint8Array(Buffer.concat(bodies)) };
}

async function dataOf(option: string, value: string): Promise<Uint8Array> {
  if (option === "data-raw" || !value.startsWith("@")) return Buffer.from(value);
  const bytes = await readBytes(`--${option} of the curl command`, value.slice(1));
  // curl sends a file of -d without its line ends.
  return option === "data-binary" || option === "json" ? bytes : bytes.filter((byte) => byte !== 10 && byte !== 13);
}
