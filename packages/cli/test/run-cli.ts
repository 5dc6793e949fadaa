import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
/** The binary, run on the sources of the other packages. */
export const COMMAND: readonly string[] = [process.execPath, "--conditions=@popp-webhooks/source", MAIN];

/** Node keeps what it compiled, so that a start takes a third of the time. */
const NODE_COMPILE_CACHE = fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url));

/** Gives a command a terminal, which has no width of its own. Part of every Linux and macOS. */
const SCRIPT = ["/usr/bin/script", "/bin/script"].find(existsSync);

/** Whether a command can be given a terminal here. */
export const canBeTerminal: boolean = process.platform === "linux" && SCRIPT !== undefined;

export interface RunOptions {
  /** Where it runs. Default: an empty folder that is removed afterwards. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  /** Runs it in a terminal: both streams arrive in `stdout`. */
  readonly terminal?: boolean;
  /** Runs it as another user, which only root can. */
  readonly uid?: number | undefined;
}

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty folder that is removed when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "popp-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

function start(
  args: readonly string[],
  { cwd = emptyFolder(), env = {}, terminal = false, uid }: RunOptions,
): ChildProcess {
  const words = [...COMMAND, ...args];
  const [command = "", ...rest] =
    terminal && SCRIPT
      ? [SCRIPT, "-qefc", `stty cols 100 rows 40; ${words.map(quoted).join(" ")}`, "/dev/null"]
      : words;
  // NODE_PATH is pnpm's: with it, packages are found that are not installed for the command.
  const {
    POPP_WEBHOOK_SECRET,
    POPP_STORE,
    POPP_INSPECTOR_HEADERS,
    NODE_PATH,
    NO_COLOR,
    FORCE_COLOR,
    CI,
    ...inherited
  } = process.env;
  return spawn(command, rest, {
    cwd,
    env: { ...inherited, NODE_COMPILE_CACHE, ...env },
    stdio: "pipe",
    ...(uid !== undefined && { uid }),
  });
}

/** A command that keeps running, such as `dev`. */
export interface RunningCli {
  readonly child: ChildProcess;
  /** What it has written so far, both streams. */
  output(): string;
  /** Waits until the output matches, and returns the match. Fails when the command ends before. */
  saw(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Ends it as Ctrl+C does, and waits for its end. */
  stop(): Promise<RunResult>;
  readonly ended: Promise<RunResult>;
}

/** Starts a command and leaves it running. It is ended with the test at the latest. */
export function startCli(args: readonly string[], options: RunOptions = {}): RunningCli {
  const child = start(args, options);
  let [stdout, stderr, all] = ["", "", ""];
  const waiting = new Set<() => void>();
  const read = (text: string) => {
    all += text;
    for (const check of waiting) check();
  };
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    read(text);
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    read(text);
  });
  const ended = new Promise<RunResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return {
    child,
    ended,
    output: () => all,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const match = all.match(pattern);
          if (!match) return;
          waiting.delete(check);
          resolve(match);
        };
        waiting.add(check);
        void ended.then(() => reject(new Error(`It ended before it wrote ${pattern}:\n${all}`)), reject);
        check();
      }),
    stop: () => {
      child.kill("SIGINT");
      return ended;
    },
  };
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { child, ended } = startCli(args, options);
  child.stdin?.on("error", () => {});
  // A terminal's standard input stays open, as a person's does.
  if (!options.terminal || options.stdin !== undefined) child.stdin?.end(options.stdin ?? "");
  return ended;
}

/** The lines of a command with `--json`. */
export function jsonLines(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
