import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bullmqQueue } from "@popp-webhooks/queues/bullmq";
import { describe, expect, it } from "vitest";
import { note } from "../../inbox/faults/findings.ts";
import { ownQueue } from "../test/own-queue.ts";
import { hasRedis, REDIS_URL } from "../test/services.ts";
import { stage } from "../test/stage.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
const MAX_CRASHES = 3;

describe.skipIf(!(await hasRedis()))("a message whose event kills the worker", () => {
  it("becomes dead, and the worker's other events are handled", async (context) => {
    const { queue, prefix } = ownQueue();
    const { hostname, port } = new URL(REDIS_URL);
    const { send, receiving, path, close } = stage(bullmqQueue(queue), { wakeGraceMs: 500 });
    for (let index = 0; index < 4; index++) await send(`evt_${index}`);
    await send("poison");
    for (let index = 4; index < 30; index++) await send(`evt_${index}`);
    receiving.start();

    let deaths = 0;
    let isOver = false;
    const args = [
      "--conditions=@popp-webhooks/source",
      "--no-warnings",
      WORKER,
      path,
      prefix,
      hostname,
      port,
      "2000",
      `${MAX_CRASHES}`,
    ];
    const working = (async () => {
      while (!isOver) {
        const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
        const timer = setInterval(() => isOver && child.kill("SIGKILL"), 50);
        await new Promise((resolve) => child.once("exit", resolve));
        clearInterval(timer);
        if (!isOver) deaths++;
      }
    })();

    const open = async () => {
      const { received, processing, retry } = (await receiving.stats()).counts;
      return received + processing + retry;
    };
    await expect.poll(open, { interval: 100 }).toBe(0);
    isOver = true;
    await working;
    const { done, dead } = (await receiving.stats()).counts;
    expect({ done, dead, deaths }).toEqual({ done: 30, dead: 1, deaths: MAX_CRASHES });
    expect(await receiving.get("poison")).toMatchObject({ state: "dead", attempts: MAX_CRASHES, note: "abandoned" });

    note(context, `${deaths} deaths, then dead; the other 30 done`);

    await close();
  });
});
