import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { CliError } from "./cli-error.ts";
import { poppFolder } from "./popp-folder.ts";

/** The environment variable that the guides use for the signing secret. */
export const SECRET_VARIABLE = "POPP_WEBHOOK_SECRET";

/** The options of every command that signs or verifies. */
export const SECRET_OPTIONS = {
  secret: ["--secret <secret>", "the signing secret (it stays in your shell's history)"],
  secretFile: ["--secret-file <file>", "a file with the signing secret; - is standard input"],
} as const;

export interface SecretOptions {
  readonly secret?: string | undefined;
  readonly secretFile?: string | undefined;
}

/** A secret, and where it was found, for people who wonder which one was used. */
export interface FoundSecret {
  readonly secret: string;
  /** Such as `.env`. Never the secret. */
  readonly from: string;
}

/** The files of a project that may hold the variable, the strongest first. `.dev.vars` is wrangler's. */
const ENV_FILES = [".env.local", ".env", ".dev.vars"];

type Say = (text: string) => void;

/**
 * Finds the signing secret: in the options, the environment, the project's `.env` files, or the file of `dev`, in this order.
 *
 * @param say - told when the secret was given in a way that others can read
 * @returns undefined when there is none
 * @throws CliError `SECRET_UNUSABLE` when the secret found cannot be the right one, such as one with white space at an end
 */
export function findSecret(options: SecretOptions, say: Say): FoundSecret | undefined {
  const found = locateSecret(options, say);
  if (found) checkSecret(found);
  return found;
}

/** @throws CliError `SECRET_MISSING`, too */
export function readSecret(options: SecretOptions, say: Say): FoundSecret {
  return required(findSecret(options, say));
}

/** Reads the secret as it stands, even one that cannot be the right one, to find out what is wrong with it. */
export function readSecretAsItIs(options: SecretOptions, say: Say): FoundSecret {
  return required(locateSecret(options, say));
}

function required(found: FoundSecret | undefined): FoundSecret {
  if (found) return found;
  throw new CliError(
    "usage",
    "SECRET_MISSING",
    `No signing secret was found. Set ${SECRET_VARIABLE} in the environment or in .env, or pass --secret-file.`,
  );
}

function locateSecret(options: SecretOptions, say: Say): FoundSecret | undefined {
  return (
    fromOptions(options, say) ??
    fromEnvironment() ??
    fromEnvFiles() ??
    fromFile(poppFolder().secretFile, ".popp/secret")
  );
}

function fromOptions({ secret, secretFile }: SecretOptions, say: Say): FoundSecret | undefined {
  if (secret !== undefined && secretFile !== undefined)
    throw new CliError("usage", "USAGE", "Give --secret or --secret-file, not both.");
  if (secret !== undefined) {
    say(`warning: --secret stays in your shell's history. ${SECRET_VARIABLE} or --secret-file does not.`);
    return { secret, from: "--secret" };
  }
  if (secretFile === undefined) return undefined;
  const found =
    secretFile === "-"
      ? { secret: withoutLineEnd(readStandardInput()), from: "standard input" }
      : fromFile(secretFile, secretFile);
  if (found) return found;
  throw new CliError(
    "usage",
    "FILE_MISSING",
    `There is no file ${secretFile}. --secret-file takes the path of a file, or -.`,
  );
}

function fromEnvironment(): FoundSecret | undefined {
  const secret = process.env[SECRET_VARIABLE];
  return secret === undefined ? undefined : { secret, from: SECRET_VARIABLE };
}

function fromEnvFiles(): FoundSecret | undefined {
  for (const file of ENV_FILES) {
    const path = join(process.cwd(), file);
    if (!existsSync(path)) continue;
    const secret = parseEnv(readText(path, file))[SECRET_VARIABLE];
    if (secret !== undefined && secret !== "") return { secret, from: file };
  }
  return undefined;
}

function fromFile(path: string, from: string): FoundSecret | undefined {
  return existsSync(path) ? { secret: withoutLineEnd(readText(path, from)), from } : undefined;
}

function readText(path: string | number, from: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const why = String(Object(cause).code ?? "unknown");
    const sentence = `${from} cannot be read (${why}). It must be a text file that you may read.`;
    throw new CliError("usage", "FILE_UNREADABLE", sentence, { cause });
  }
}

function readStandardInput(): string {
  if (process.stdin.isTTY)
    throw new CliError("usage", "USAGE", "--secret-file - reads standard input: pipe the secret into the command.");
  return readText(0, "Standard input");
}

/** Editors and `echo` end a file with a line end. It is not part of the secret. */
const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, "");

function checkSecret({ secret, from }: FoundSecret): void {
  const problem =
    secret.trim() === ""
      ? "is empty"
      : secret !== secret.trim()
        ? "begins or ends with white space"
        : /^(["']).*\1$/.test(secret)
          ? "is in quotes"
          : secret.includes("\ufffd")
            ? "holds bytes that are no text"
            : undefined;
  if (problem === undefined) return;
  throw new CliError(
    "usage",
    "SECRET_UNUSABLE",
    `The secret of ${from} ${problem}, and would match no signature. Copy it again from Popp's settings, exactly.`,
  );
}
