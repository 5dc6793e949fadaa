import { type ChildProcess, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import type { WorkerOptions } from "./worker.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
export const SECRET = "the secret of the faults";

/** What a process under test says. */
export interface Line {
  readonly port?: number;
  readonly state?: string;
  readonly eventId?: string;
  readonly attempt?: number;
  readonly aborted?: string;
  readonly reason?: string;
  readonly closed?: boolean;
}

/** A process under test. */
export interface Worker {
  readonly port: number;
  readonly child: ChildProcess;
  readonly lines: readonly Line[];
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** A SQLite file, the processes on it, and what is in it. */
export interface Stage {
  start(options: Omit<WorkerOptions, "path" | "secret">): Promise<Worker>;
  /** The rows that a query gives. */
  rows(sql: string): readonly Record<string, unknown>[];
  /** One number that a query gives. */
  number(sql: string): number;
  /** Whether a process is writing right now. */
  isLocked(): boolean;
  end(): Promise<void>;
}

/** A process that is started again whenever it ends by itself. */
export interface Supervised {
  /** How many times it was started again. */
  readonly restarts: () => number;
  /** Delivers until there is an answer; gives every status that was not 200. */
  deliver(agent: Agent, event: SignedEvent): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** Starts a process, and starts it again whenever it ends. */
export async function supervise(stage: Stage, options: Omit<WorkerOptions, "path" | "secret">): Promise<Supervised> {
  let worker = await stage.start(options);
  let [restarts, isStopped] = [0, false];
  const watching = (async () => {
    for (;;) {
      await worker.exited;
      if (isStopped) return;
      restarts++;
      worker = await stage.start(options);
    }
  })();
  return {
    restarts: () => restarts,
    deliver: async (agent, event) => {
      const others: number[] = [];
      for (;;) {
        const status = await deliver(agent, worker.port, event);
        if (status === 200) return others;
        if (status !== 0) others.push(status);
        await wait(20);
      }
    },
    stop: async () => {
      isStopped = true;
      worker.kill("SIGKILL");
      await watching;
    },
  };
}

/** Sets a stage up; in a folder of its own, or on a disk that is given. */
export function stageOf(disk?: string): Stage {
  const folder = disk ?? mkdtempSync(join(tmpdir(), "popp-faults-"));
  const path = join(folder, "inbox.db");
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000");
  database.exec("CREATE TABLE effects (id TEXT, attempt INTEGER)");
  const workers: Worker[] = [];
  const rows = (sql: string) => database.prepare(sql).all();
  const isLocked = () => {
    try {
      database.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK");
      return false;
    } catch {
      return true;
    } finally {
      database.exec("PRAGMA busy_timeout = 5000");
    }
  };
  return {
    rows,
    isLocked,
    number: (sql) => Number(Object.values(rows(sql)[0] ?? {})[0]),
    start: async (options) => {
      const worker = await startWorker({ ...options, path, secret: SECRET });
      workers.push(worker);
      return worker;
    },
    end: async () => {
      for (const { child } of workers) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await Promise.all(workers.map(({ exited }) => exited));
      database.close();
      if (disk === undefined) rmSync(folder, { recursive: true });
    },
  };
}

async function startWorker(options: WorkerOptions): Promise<Worker> {
  const flags = ["--conditions=@popp-webhooks/source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, WORKER, JSON.stringify(options)], {
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
  return { port, child, lines, exited, kill: (signal) => void child.kill(signal) };
}

/** A signed event: what is sent, and what it is known by. */
export interface SignedEvent {
  readonly id: string;
  readonly body: string;
  readonly signature: string;
}

/** Signs an event; `deed` says what its handler shall do, and `padding` makes its body longer by so many bytes. */
export function signedEvent(id: string, deed?: string, padding = 0): SignedEvent {
  const data = { recordId: id, organizationId: "org_1", ...(deed !== undefined && { externalId: deed }) };
  const body = JSON.stringify({
    event: "CONVERSATION_STARTED",
    eventId: id,
    eventTimestamp: new Date().toISOString(),
    data: { ...data, ...(padding > 0 && { padding: "x".repeat(padding) }) },
  });
  return { id, body, signature: createHmac("sha256", SECRET).update(body).digest("hex") };
}

/** Connections that are kept, as a sender has them. */
export function agentOf(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections });
}

/** An answer, as far as a fault may spoil it. */
export interface Answer {
  /** 0 when there was none. */
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Delivers an event once. */
export function answerTo(agent: Agent, port: number, { body, signature }: SignedEvent): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { "x-signature": signature, "content-length": Buffer.byteLength(body) };
    const sending = request({ agent, port, host: "127.0.0.1", method: "POST", headers }, (response) => {
      response.on("error", () => {}).resume();
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] });
    });
    sending.on("error", () => resolve({ status: 0, retryAfter: undefined }));
    sending.end(body);
  });
}

/** Delivers an event once; the status, or 0 when there was no answer. */
export async function deliver(agent: Agent, port: number, event: SignedEvent): Promise<number> {
  return (await answerTo(agent, port, event)).status;
}

/** Runs work for each item, so many at a time. */
export async function each<T>(items: readonly T[], parallel: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items.values();
  const lane = async () => {
    for (const item of iterator) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds; fails after a time that no working machine takes. */
export async function until(what: string, holds: () => boolean, timeoutMs = 60_000): Promise<void> {
  const giveUpAtMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > giveUpAtMs) throw new Error(`it did not come to this: ${what}`);
    await wait(50);
  }
}
