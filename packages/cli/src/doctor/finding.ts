import { homedir } from "node:os";
import { paint, printable } from "../command-line/output.ts";

/** How a check went. The word itself is printed, so that no color is needed to read it. */
export type FindingState = "ok" | "warning" | "problem" | "not checked";

/** The result of one check. It holds no secret, no personal data and no host of a database. */
export interface Finding {
  readonly check: string;
  readonly state: FindingState;
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** Makes a function that makes the findings of one check. */
export function findingsOf(check: string): (state: FindingState, message: string, fix?: string) => Finding {
  return (state, message, fix) => ({
    ...{ check, state, message: withoutHome(message) },
    ...(fix !== undefined && { fix: withoutHome(fix) }),
  });
}

/** The path of the home folder names the user. */
function withoutHome(text: string): string {
  const home = homedir();
  return printable(home.length > 1 ? text.replaceAll(home, "~") : text);
}

const FORMATS = { ok: "green", warning: "yellow", problem: "red", "not checked": "dim" } as const;

/** A finding as lines of the report. */
export function findingText({ check, state, message, fix }: Finding): string {
  const line = `${paint(FORMATS[state], state.padEnd(11))}  ${check.padEnd(10)}  ${message}`;
  return fix === undefined ? line : `${line}\n${" ".repeat(25)}Fix: ${fix}`;
}
