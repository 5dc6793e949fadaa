import { CliError } from "../command-line/cli-error.ts";
import { FRAMEWORKS, type Framework } from "./project/framework.ts";

/** Asks which of some frameworks to write for. */
export async function askFramework(among: readonly Framework[]): Promise<Framework> {
  const { isCancel, select } = await import("@clack/prompts");
  const options = among.map((name) => ({ value: name, label: FRAMEWORKS[name] }));
  const answer = await select({ message: "Which framework?", options, output: process.stderr });
  if (isCancel(answer)) throw nothingWritten();
  return answer;
}

/** Asks a question whose answer is yes or no. */
export async function askWhether(message: string, initialValue: boolean): Promise<boolean> {
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message, initialValue, output: process.stderr });
  if (isCancel(answer)) throw nothingWritten();
  return answer;
}

const nothingWritten = () => new CliError("interrupted", "INTERRUPTED", "Nothing was written.");
