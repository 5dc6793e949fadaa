import { spawn } from "node:child_process";
import { type Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServerLine, ServerWorkerOptions } from "./server-worker.ts";
import { SECRET, type SignedEvent } from "./stage.ts";

const WORKER = fileURLToPath(new URL("./server-worker.ts", import.meta.url));

/** A process under test on a server's store. */
export interface ServerWorker {
  readonly port: number;
  readonly lines: readonly ServerLine[];
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<number | null>;
}

/** The processes of a test, all of which end with it. */
export interface ServerStage {
  start(options: Omit<ServerWorkerOptions, "secret">): Promise<ServerWorker>;
  end(): Promise<void>;
}

/** Sets a stage up. */
export function serverStageOf(): ServerStage {
  const workers: ServerWorker[] = [];
  return {
    start: async (options) => {
      const worker = await startServerWorker({ ...options, secret: SECRET });
      workers.push(worker);
      return worker;
    },
    end: async () => {
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(workers.map(({ exited }) => exited));
    },
  };
}

async function startServerWorker(options: ServerWorkerOptions): Promise<ServerWorker> {
  const flags = ["--conditions=@popp-webhooks/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, WORKER, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env.PATH },
  });
  const lines: ServerLine[] = [];
  const exited = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  const port = await new Promise<number>((resolve, reject) => {
    exited.then((code) => reject(new Error(`the process under test ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line: ServerLine = JSON.parse(text);
      lines.push(line);
      if (line.port !== undefined) resolve(line.port);
    });
  });
  return { port, lines, exited, kill: (signal) => void child.kill(signal) };
}

/** How a delivery was answered. */
export interface Answer {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly tookMs: number;
}

/** Delivers an event once. */
export function answerTo(agent: Agent, port: number, { body, signature }: SignedEvent): Promise<Answer> {
  const startedAtMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, retryAfter?: string) =>
      resolve({ status, retryAfter, tookMs: performance.now() - startedAtMs });
    const headers = { "x-signature": signature, "content-length": Buffer.byteLength(body) };
    const sending = request({ agent, port, host: "127.0.0.1", method: "POST", headers }, (response) => {
      response.on("error", () => {}).resume();
      end(response.statusCode ?? 0, response.headers["retry-after"]);
    });
    sending.on("error", () => end(0));
    sending.end(body);
  });
}

/** Delivers events at a steady rate, whether or not those before were answered; gives how each was answered. */
export async function deliverSteadily(
  agent: Agent,
  port: number,
  { events, perSecond }: { readonly events: readonly SignedEvent[]; readonly perSecond: number },
): Promise<readonly Answer[]> {
  const startedAtMs = performance.now();
  const answers: Promise<Answer>[] = [];
  for (const [index, event] of events.entries()) {
    const waitMs = startedAtMs + (index * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    answers.push(answerTo(agent, port, event));
  }
  return Promise.all(answers);
}
