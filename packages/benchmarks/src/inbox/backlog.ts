import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "../result.ts";

const HANDLED = 20_000;
const TARGET_MB = 200;

/** Measures a dispatcher's memory when it starts with many waiting events. It must need no more than with few. */
export async function backlog(events: number, progress: (text: string) => void): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "popp-bench-"));
  const path = join(folder, "inbox.db");
  try {
    progress(`a backlog of ${events.toLocaleString("en")} events: filling it`);
    await run([path, String(events)]);
    progress(`a backlog of ${events.toLocaleString("en")} events: handling ${HANDLED.toLocaleString("en")} of them`);
    const { peakMb, perSecond } = await run([path, "0", String(HANDLED)]);
    return [
      {
        what: `dispatcher: memory at its peak, ${events.toLocaleString("en")} events waiting`,
        against: "",
        measured: `${Math.round(peakMb)} MB`,
        target: `≤ ${TARGET_MB} MB`,
        met: peakMb <= TARGET_MB,
      },
      {
        what: `dispatcher: events handled per second, ${events.toLocaleString("en")} waiting`,
        against: "",
        measured: Math.round(perSecond).toLocaleString("en"),
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function run(args: readonly string[]): Promise<{ readonly peakMb: number; readonly perSecond: number }> {
  const child = fork(fileURLToPath(new URL("backlog-child.ts", import.meta.url)), args);
  let told = { peakMb: Number.NaN, perSecond: Number.NaN };
  child.on("message", (message: typeof told) => {
    told = message;
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the process that was to work on the backlog ended with ${code}`);
  return told;
}
