import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { postgresStore } from "../src/stores/postgres/index.ts";
import { note } from "./findings.ts";

const WORKER = fileURLToPath(new URL("./pglite-worker.ts", import.meta.url));

describe("a PGlite on a data directory", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "popp-pglite-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs a process that stores events until it is killed, and returns the events that it has reported as accepted. */
  async function killed(count: number): Promise<readonly string[]> {
    const child = spawn(process.execPath, ["--conditions=@popp-webhooks/source", WORKER, folder], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { PATH: process.env.PATH },
    });
    const accepted: string[] = [];
    for await (const key of createInterface({ input: child.stdout })) {
      accepted.push(key);
      if (accepted.length === count) child.kill("SIGKILL");
    }
    return accepted;
  }

  it("keeps accepted events when its process is killed", async (context) => {
    const accepted = await killed(300);
    const database = new PGlite(folder);
    const store = postgresStore(database);
    await store.open();
    const lost = [];
    for (const key of accepted) if ((await store.get(key)) === undefined) lost.push(key);
    await database.close();
    expect([lost, accepted.length >= 300]).toEqual([[], true]);
    note(context, `${accepted.length} events accepted by a process that was killed, ${lost.length} lost`);
  });
});
