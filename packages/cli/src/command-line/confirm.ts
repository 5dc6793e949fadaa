import { CliError } from "./cli-error.ts";
import { type AskOptions, isInteractive } from "./is-interactive.ts";

/** Whether a command may ask. */
export interface ConfirmOptions extends AskOptions {
  readonly yes?: true | undefined;
}

/**
 * Asks before something is changed. Without a terminal it needs `--yes`.
 *
 * @param question - says what would be changed, with its count
 * @throws CliError with exit code 2 where nobody can be asked, and 130 after Ctrl+C
 */
export async function confirmed(question: string, options: ConfirmOptions): Promise<boolean> {
  if (options.yes) return true;
  if (!isInteractive(options))
    throw new CliError("usage", "NOT_CONFIRMED", `${question} Nothing was changed: pass --yes to do it.`);
  const { confirm, isCancel } = await import("@clack/prompts");
  // Questions are words: standard output stays free for data.
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  if (isCancel(answer)) throw new CliError("interrupted", "INTERRUPTED", "Nothing was changed.");
  return answer;
}
