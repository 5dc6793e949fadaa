import { createHmac } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { CliError } from "../command-line/cli-error.ts";
import { printable } from "../command-line/output.ts";
import { type HeaderPair, isConnectionHeader } from "../http/send-bytes.ts";

/** Reads `name=value` of `--header`. */
export function headerOf(given: string): HeaderPair {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(given) ?? [];
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    throw new CliError(
      "usage",
      "USAGE",
      `--header takes name=value, such as x-trace=1. "${printable(given)}" is none.`,
    );
  }
  if (isConnectionHeader(name))
    throw new CliError("usage", "USAGE", `--header cannot set ${name}: it belongs to the connection.`);
  return [name, value];
}

/**
 * The headers of a delivery as Popp sends it, and further ones. They replace those of the same name.
 *
 * `signPayload` runs everywhere, but its WebCrypto needs ten times the CPU time, which a high rate feels.
 */
export function signedHeaders(body: Uint8Array, secret: string, further: readonly HeaderPair[]): readonly HeaderPair[] {
  const given = new Set(further.map(([name]) => name.toLowerCase()));
  const own: HeaderPair[] = [
    ["content-type", "application/json"],
    ["x-signature", createHmac("sha256", secret).update(body).digest("hex")],
  ];
  return [...own.filter(([name]) => !given.has(name)), ...further];
}
