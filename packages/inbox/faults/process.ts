import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process under test. It listens on loopback and reports in lines of JSON. */
export interface TestProcess<Line> {
  readonly port: number;
  readonly lines: readonly Line[];
  /** Resolves with its exit code, or with null when a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts a script with its options. Resolves when its first line has told the port. */
export async function startProcess<Line extends { readonly port?: number }>(
  script: URL,
  options: unknown,
): Promise<TestProcess<Line>> {
  const flags = ["--conditions=@popp-webhooks/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, fileURLToPath(script), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH },
  });
  const lines: Line[] = [];
  const exited = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  const port = await new Promise<number>((resolve, reject) => {
    exited.then((code) => reject(new Error(`the process under test ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line: Line = JSON.parse(text);
      lines.push(line);
      if (line.port !== undefined) resolve(line.port);
    });
  });
  return { port, lines, exited, kill: (signal) => void child.kill(signal) };
}
