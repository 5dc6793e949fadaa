import type { Command } from "@commander-js/extra-typings";
import { explainMismatch } from "@popp-webhooks/core/diagnose";
import { CliError, EXIT_CODES } from "../command-line/cli-error.ts";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf, paint } from "../command-line/output.ts";
import { collected } from "../command-line/parse-option.ts";
import { readSecretAsItIs, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { givenDelivery } from "./given-delivery.ts";

const EXAMPLES = [
  ["popp-webhooks explain last", "the last request that dev recorded"],
  ["popp-webhooks explain --file body.bin --signature 5f0c…", "a body, and its x-signature"],
  ["cat body.bin | popp-webhooks explain --headers headers.txt", "a body, and its headers in a file"],
  ["pbpaste | popp-webhooks explain --curl -", "a curl command that was copied"],
] as const;

/** `explain`: says whether a delivery is genuine, and what to change when it is not. */
export function explainCommand(): Command {
  return newCommand("explain", "Say why a signature does not match, and what to change.", EXAMPLES)
    .argument("[recording]", "last, an id, or a part of one")
    .option("-f, --file <file>", "the exact body; - or nothing is standard input")
    .option("-s, --signature <value>", "the value of x-signature", collected(String))
    .option("--headers <file>", "a file with the headers, one a line")
    .option("--curl <file>", "a file with a curl command; - is standard input")
    .option(...SECRET_OPTIONS.secret)
    .option(...SECRET_OPTIONS.secretFile)
    .action(async (recording, options) => {
      const output = outputOf(options);
      const inputs = [options.file, options.headers, options.curl, options.secretFile];
      if (inputs.filter((input) => input === "-").length > 1)
        throw new CliError("usage", "USAGE", "Standard input can be only one of the files.");
      const { secret, from } = readSecretAsItIs(options, output.say);
      const { body, signatures, headers } = await givenDelivery(recording, options);
      const { cause, explanation } = await explainMismatch({
        ...{ body, secret, signature: signatures },
        headers: Object.fromEntries(headers),
      });
      const isGenuine = cause === "matches";
      const verdict = isGenuine ? "genuine" : "not genuine";
      output.result(
        { verdict, cause, explanation, secretFrom: from },
        `${paint(isGenuine ? "green" : "red", verdict)}${isGenuine ? "" : ` (${cause})`}\n  ${explanation}`,
      );
      output.say(`The secret of ${from} was used.`);
      process.exitCode = isGenuine ? 0 : EXIT_CODES.failed;
    }) as unknown as Command;
}
