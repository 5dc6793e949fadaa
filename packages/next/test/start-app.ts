import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";

/** An app that runs in a process of its own. */
export interface StartedApp {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** All that it has written so far. */
  readonly output: () => string;
  /** Asks it to end (SIGTERM), and resolves when it has. */
  readonly close: () => Promise<void>;
}

/**
 * Runs a command line as a package's script would be run, and resolves when it says where it listens.
 *
 * @param command - the command line; programs are found in the folder's `node_modules/.bin`
 * @param folder - where it runs
 * @param env - the environment, beside the one of this process; undefined takes a variable away
 */
export async function startApp(
  command: string,
  folder: URL,
  env: Readonly<Record<string, string | undefined>>,
): Promise<StartedApp> {
  const cwd = fileURLToPath(folder);
  const child = spawn(command, {
    cwd,
    env: { ...process.env, ...env, PATH: [`${cwd}node_modules/.bin`, process.env.PATH].join(delimiter) },
    shell: true,
    // A group of its own, so that what the shell started ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const closed = once(child, "close");
  const url = await new Promise<string>((resolve, reject) => {
    const listen = (text: Buffer) => {
      output += text;
      const port = /https?:\/\/[\w.[\]:]+?:(\d+)/.exec(output)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("close", () => reject(new Error(`\`${command}\` ended before it listened:\n${output}`)));
  });
  return {
    url,
    output: () => output,
    close: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, "SIGTERM");
      await closed;
    },
  };
}
