import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as bullmq from "./bullmq.ts";
import * as cloudflare from "./cloudflare.ts";
import * as pgBoss from "./pg-boss.ts";

describe("what is exported", () => {
  it.each([
    ["bullmq", bullmq, ["bullmqQueue", "toBullmqProcessor"]],
    ["pg-boss", pgBoss, ["pgBossQueue", "toPgBossHandler"]],
    ["cloudflare", cloudflare, ["cloudflareQueue", "toQueueConsumer"]],
  ])("%s: both ends of a queue, and no engine is imported: the user's own is used", (name, exported, names) => {
    expect(Object.keys(exported).sort()).toEqual(names);
    const source = readFileSync(new URL(`./${name}.ts`, import.meta.url), "utf8").replaceAll(/^ \* .*$/gm, "");
    const imports = [...source.matchAll(/ from "([^"]+)";$/gm)].map(([, from = ""]) => from);
    const allowed = ["@popp-webhooks/core", "@popp-webhooks/inbox", "./processor.ts"];
    expect(imports.filter((from) => !allowed.includes(from))).toEqual([]);
  });
});
