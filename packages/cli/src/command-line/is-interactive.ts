/** The options that decide whether a command may ask. Every command has them. */
export interface AskOptions {
  readonly json?: true | undefined;
  readonly input: boolean;
}

/** Whether a command may ask its user: in a terminal, unless it was told not to or prints JSON. */
export function isInteractive({ input, json }: AskOptions): boolean {
  return input && !json && Boolean(process.stdin.isTTY) && Boolean(process.stderr.isTTY);
}
