import { CommanderError } from "@commander-js/extra-typings";
import { CliError, EXIT_CODES } from "./command-line/cli-error.ts";
import { outputOf, paintWords, printable } from "./command-line/output.ts";
import { createProgram } from "./program.ts";

/** Runs a command line and returns its exit code. Whatever goes wrong is told once, in a sentence. */
export async function run(args: readonly string[]): Promise<number> {
  process.stdout.on("error", endWithReader);
  process.stderr.on("error", endWithReader);
  try {
    await createProgram().parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const told = asCliError(error);
    const output = outputOf({ json: args.includes("--json") });
    if (output.isJson) output.result({ error: { code: told.code, message: told.message } }, "");
    else output.say(`${paintWords("red", "error:")} ${printable(told.message)}`);
    return EXIT_CODES[told.reason];
  }
}

/** A reader such as `head` that has seen enough is no failure. A full disk is one. */
function endWithReader({ code, message }: NodeJS.ErrnoException): never {
  if (code !== "EPIPE") process.stderr.write(`error: The output cannot be written (${code ?? message}).\n`);
  process.exit(code === "EPIPE" ? 0 : 1);
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  // Commander has printed the help of a command line without a command.
  if (error instanceof CommanderError && error.code === "commander.help")
    return new CliError("usage", "NO_COMMAND", "A command is missing. The list is above.");
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
    return new CliError("usage", "USAGE", `${sentence(message)} See --help.`);
  }
  if (Object(error).syscall === "uv_cwd")
    return new CliError("usage", "FOLDER_UNUSABLE", "The folder that you are in was removed. Change to another one.");
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  return new CliError("failed", "INTERNAL", `This is a defect of popp-webhooks: ${name}: ${message}`);
}

function sentence(text: string): string {
  const closed = /[.?)]$/.test(text) ? text : `${text}.`;
  return closed.charAt(0).toUpperCase() + closed.slice(1);
}
