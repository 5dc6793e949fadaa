import { CliError } from "../command-line/cli-error.ts";

/** The error of a store that cannot be opened or used. */
export function storeError(code: string, sentence: string, cause?: unknown): CliError {
  return new CliError("store", code, sentence, { cause });
}
