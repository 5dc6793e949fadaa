import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as bullmq from "./bullmq.ts";
import * as cloudflare from "./cloudflare.ts";
import * as pgBoss from "./pg-boss.ts";

describe("the exports", () => {
  it.each([
    ["bullmq", bullmq, ["bullmqQueue", "toBullmqProcessor"]],
    ["pg-boss", pgBoss, ["pgBossQueue", "toPgBossHandler"]],
    ["cloudflare", cloudflare, ["cloudflareQueue", "toQueueConsumer"]],
  ])("%s: both ends of a queue, and no engine is imported: the user's own is used", (name, exported, names) => {
    expect(Object.keys(exported).sort()).toEqual(names);
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), "utf8").replaceAll(/^ \* .*$/gm, "");
    const imports = [...source.matchAll(/ from "([^"]+)";$/gm)].map(([, from = ""]) => from);
    const allowed = ["@popp-webhooks/core", "@popp-webhooks/core/internal", "@popp-webhooks/inbox", "./processor.ts"];
    expect(imports.filter((from) => !allowed.includes(from))).toEqual([]);
  });
});

describe("rejects an unusable option by name", () => {
  const config = (message: string) =>
    expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) });

  it.each<[string, () => unknown, string]>([
    ["no queue", () => bullmq.bullmqQueue(undefined as never), "bullmqQueue: `queue` must be a Queue of BullMQ"],
    [
      "a name",
      () => bullmq.bullmqQueue("popp" as never),
      "bullmqQueue: `queue` must be a Queue of BullMQ, received string",
    ],
    [
      "a job name that is none",
      () => bullmq.bullmqQueue({ add: async () => {} }, { jobName: 7 as never }),
      "bullmqQueue: `jobName` must be of type string, received 7",
    ],
    ["no inbox", () => bullmq.toBullmqProcessor(undefined as never), "toBullmqProcessor: `inbox` must be an inbox"],
    ["no pg-boss", () => pgBoss.pgBossQueue(null as never), "pgBossQueue: `boss` must be a PgBoss"],
    [
      "half a handler",
      () => pgBoss.toPgBossHandler({ process: async () => "done" }, undefined as never),
      "toPgBossHandler: `queue` must be the queue that pgBossQueue() returns",
    ],
    [
      "no binding",
      () => cloudflare.cloudflareQueue(undefined as never),
      "cloudflareQueue: `binding` must be the binding",
    ],
    [
      "a consumer of nothing",
      () => cloudflare.toQueueConsumer(undefined as never),
      "toQueueConsumer: `inbox` must be an inbox",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(config(message));
  });
});
