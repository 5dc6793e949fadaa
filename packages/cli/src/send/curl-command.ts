import { CliError } from "../command-line/cli-error.ts";
import type { HeaderPair } from "../http/send-bytes.ts";
import { textOf } from "../recordings/recording.ts";

/** The longest argument of a command line on Linux. */
const MAX_ARGUMENT = 131_071;

/** The curl command that sends a body, or that of a file, as it is. */
export function curlCommand(
  url: URL,
  headers: readonly HeaderPair[],
  body: Uint8Array | { readonly file: string },
): string {
  const lines = [
    `curl -sS -i -X POST ${quoted(url.href)}`,
    ...headers.map((pair) => `-H ${quoted(pair.join(": "))}`),
    body instanceof Uint8Array ? `--data-raw ${quoted(argumentOf(body))}` : `--data-binary ${quoted(`@${body.file}`)}`,
  ];
  return lines.join(" \\\n  ");
}

function argumentOf(body: Uint8Array): string {
  const text = textOf(body);
  if (text !== undefined && !text.includes("\0") && body.length <= MAX_ARGUMENT) return text;
  throw new CliError(
    "usage",
    "NOT_FOR_CURL",
    "This body cannot be part of a command line. Write it to a file, and pass it with --file.",
  );
}

/** A word for sh. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
