/** The exit codes of every command. They are documented in the guide, so that scripts can rely on them. */
export const EXIT_CODES = {
  /** An answer or a check was not as it should be. */
  failed: 1,
  /** The command line, or a file it names, cannot be used. */
  usage: 2,
  /** An address does not answer, or cannot be listened on. */
  unreachable: 3,
  /** The store cannot be opened or used. */
  store: 4,
  /** Ctrl+C. */
  interrupted: 130,
} as const;

/** Why a command ends without success. */
export type ExitReason = keyof typeof EXIT_CODES;

/** Ends a command with a sentence for the user: what is wrong, and what to do. It holds no secret and no personal data. */
export class CliError extends Error {
  override readonly name = "CliError";
  /** Decides the exit code. */
  readonly reason: ExitReason;
  /** Stable, for scripts: part of the error that `--json` prints. */
  readonly code: string;

  constructor(reason: ExitReason, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.code = code;
  }
}
