import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { CliError } from "./cli-error.ts";

/**
 * Reads the bytes of a file that an option names; `-` is standard input.
 *
 * @throws CliError when there is no such file
 */
export async function readBytes(option: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (path === "-" && process.stdin.isTTY)
    throw new CliError("usage", "USAGE", `${option} reads standard input: pipe a file into the command.`);
  try {
    return new Uint8Array(await (path === "-" ? buffer(process.stdin) : readFile(path)));
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const [code, problem] =
      why === "ENOENT" ? ["FILE_MISSING", "does not exist"] : ["FILE_UNREADABLE", `cannot be read (${why})`];
    const name = path === "-" ? "Standard input" : path;
    throw new CliError("usage", code ?? "", `${name} ${problem}. ${option} takes the path of a file, or -.`, { cause });
  }
}
