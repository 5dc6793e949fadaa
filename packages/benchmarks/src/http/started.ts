import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A server in a separate process. */
export interface Started {
  readonly name: string;
  readonly port: number;
  /** The CPU time of its process so far, in microseconds. */
  cpuUs(): Promise<number>;
  stop(): void;
}

/** Starts one of the `servers` that a module exports. */
export async function start(module: URL, name: string): Promise<Started> {
  const child = fork(fileURLToPath(new URL("child.ts", import.meta.url)), [module.href, name]);
  const { port } = await answer<{ port: number }>(child);
  const cpuUs = async () => {
    child.send("cpu");
    return (await answer<{ cpuUs: number }>(child)).cpuUs;
  };
  return { name, port, cpuUs, stop: () => void child.kill() };
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const [message] = await once(child, "message");
  return message;
}
