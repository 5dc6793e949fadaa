import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, it } from "vitest";
import { redisStore } from "../src/stores/redis/index.ts";
import { note } from "./findings.ts";
import { DURABLE, hasRedisProgram } from "./own-redis.ts";
import { CLIENTS, redisStageOf } from "./redis-stage.ts";
import { serverStoreOf } from "./server-store.ts";

const KINDS = CLIENTS.map((kind) => [kind] as const);

describe.skipIf(!hasRedisProgram())("a Redis whose settings change under an open store", () => {
  it.for(
    (
      [
        ["maxmemory-policy", "allkeys-lru", "noeviction"],
        ["maxmemory-policy", "allkeys-random", "volatile-lru"],
        ["appendonly", "no", "yes"],
        ["appendfsync", "no", "always"],
      ] as const
    ).flatMap((change) => CLIENTS.map((kind) => [...change, kind] as const)),
  )(
    "to %s %s, and back to %s, accepts nothing meanwhile and tells once each (%s)",
    async ([setting, wrong, right, kind], context) => {
      const { admin, inbox, deliver, told, refused } = await redisStageOf(context, { kind });
      expect(await deliver("before")).toBe(200);
      await admin.config("SET", setting, wrong);
      const changedAtMs = performance.now();
      let at = 0;
      await expect.poll(() => deliver(`evt_${at++}`)).toBe(503);
      const tookMs = performance.now() - changedAtMs;
      expect(refused[0]).toContain(setting === "appendonly" ? "append-only" : setting);
      expect(await inbox.health()).toMatchObject({ isReady: false, problem: refused[0] });
      for (let more = 0; more < 20; more++) expect(await deliver("refused")).toBe(503);
      expect(told).toEqual([refused[0]]);
      await admin.config("SET", setting, right);
      await expect.poll(() => deliver("after")).toBe(200);
      expect(told).toEqual([refused[0], expect.stringContaining("accepted")]);
      expect(inbox.durability).toBe("power-loss");
      expect((await inbox.health()).isReady).toBe(true);
      expect(await inbox.get("refused")).toBeUndefined();
      note(context, `refused ${Math.round(tookMs)} ms after the change`);
    },
  );

  it("loses acknowledged events when nobody looks, as with `allowDataLoss`", async (context) => {
    const { admin, inbox, deliver } = await redisStageOf(context, { allowDataLoss: true });
    await deliver("before");
    await admin.config("SET", "maxmemory-policy", "allkeys-lru");
    await admin.config("SET", "maxmemory", "4mb");
    const accepted: string[] = [];
    for (let at = 0; at < 2_000; at++) if ((await deliver(`evt_${at}`)) === 200) accepted.push(`evt_${at}`);
    const left = await Promise.all(accepted.map((id) => inbox.get(id)));
    expect(left.filter((one) => one === undefined).length).toBeGreaterThan(0);
  });

  it.for(KINDS)("is told of without a delivery when the inbox is started (%s)", async ([kind], context) => {
    const { admin, inbox, told } = await redisStageOf(context, { kind });
    inbox.start();
    await inbox.stats();
    await admin.config("SET", "maxmemory-policy", "allkeys-lfu");
    await expect.poll(() => told).toEqual([expect.stringContaining("allkeys-lfu")]);
  });

  it("to a weaker promise, that it could be opened with too, goes on and tells it", async (context) => {
    const { admin, inbox, deliver, told } = await redisStageOf(context);
    expect(await deliver("first")).toBe(200);
    for (const [value, durability] of [
      ["everysec", "process"],
      ["always", "power-loss"],
    ] as const) {
      await admin.config("SET", "appendfsync", value, "maxmemory-policy", "volatile-lru");
      await expect.poll(() => deliver("again").then(() => inbox.durability)).toBe(durability);
      expect(told.at(-1)).toContain(`"${durability}"`);
      expect(await deliver(value)).toBe(200);
    }
    expect(told).toHaveLength(2);
  });

  it("and that forbids CONFIG is looked at through INFO, and not asked for CONFIG again and again", async (context) => {
    const { admin, inbox, deliver, told } = await redisStageOf(context);
    await admin.acl("SETUSER", "default", "-config");
    const operator = admin.duplicate();
    await admin.acl("SETUSER", "operator", "on", ">secret", "~*", "+@all");
    await operator.call("AUTH", "operator", "secret");
    await expect.poll(() => deliver("again").then(() => inbox.durability)).toBe("process");
    await operator.config("SET", "maxmemory-policy", "allkeys-lru");
    let at = 0;
    await expect.poll(() => deliver(`evt_${at++}`)).toBe(503);
    await operator.config("SET", "maxmemory-policy", "noeviction");
    await expect.poll(() => deliver(`evt_${at++}`)).toBe(200);
    expect(told.filter((one) => one.includes("allkeys-lru"))).toHaveLength(1);
    const denied = (await operator.acl("LOG")) as (string | number)[][];
    const counts = denied.filter((entry) => entry.includes("config|get")).map((entry) => Number(entry[1]));
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(4);
    operator.disconnect();
  });

  it.for(KINDS)("while it is down is refused from the first delivery on (%s)", async ([kind], context) => {
    const { server, deliver, told, refused } = await redisStageOf(context, { kind });
    expect(await deliver("before")).toBe(200);
    await server.crash();
    await server.start(["--maxmemory-policy", "allkeys-lru"]);
    const answers = new Set<number>();
    for (let at = 0; !refused.some((one) => one.includes("allkeys-lru")); at++) answers.add(await deliver(`evt_${at}`));
    expect([...answers]).toEqual([503]);
    expect(told.filter((one) => one.includes("allkeys-lru"))).toHaveLength(1);
  });
});

describe.skipIf(!hasRedisProgram())("a Redis that refuses writes", () => {
  it.for(
    (
      [
        ["its memory is full", ["maxmemory", "1mb"], ["maxmemory", "0"], "memory is full"],
        ["it has too few replicas", ["min-replicas-to-write", "1"], ["min-replicas-to-write", "0"], "min-replicas"],
      ] as const
    ).flatMap((one) => CLIENTS.map((kind) => [...one, kind] as const)),
  )(
    "because %s is told with what to do, and accepts again afterwards",
    async ([_, wrong, right, word, kind], context) => {
      const { admin, deliver, refused } = await redisStageOf(context, { kind });
      expect(await deliver("before")).toBe(200);
      await admin.config("SET", ...wrong);
      expect(await deliver("refused")).toBe(503);
      expect(refused).toEqual([expect.stringContaining(word)]);
      await admin.config("SET", ...right);
      expect(await deliver("refused")).toBe(200);
    },
  );

  it.for(KINDS)("because its disk is full is told (%s)", async ([kind], context) => {
    const { server, admin, deliver, refused } = await redisStageOf(context, { kind });
    expect(await deliver("before")).toBe(200);
    // A snapshot that cannot be written is what Redis takes for a full disk.
    rmSync(server.folder, { recursive: true });
    await admin.config("SET", "save", "3600 1000000");
    await admin.bgsave();
    await expect.poll(() => deliver("refused")).toBe(503);
    expect(refused.at(-1)).toContain("cannot write to its disk");
    await admin.config("SET", "save", "");
    expect(await deliver("refused")).toBe(200);
  });

  it.for(KINDS)("because it has become a replica is told (%s)", async ([kind], context) => {
    const { admin, inbox, deliver, told, refused } = await redisStageOf(context, { kind });
    expect(await deliver("before")).toBe(200);
    await admin.replicaof("127.0.0.1", 1);
    expect(await deliver("refused")).toBe(503);
    expect(refused).toEqual([expect.stringContaining("read-only replica")]);
    inbox.start();
    await expect.poll(() => told.some((one) => one.includes("read-only replica"))).toBe(true);
    await admin.replicaof("NO", "ONE");
    expect(await deliver("refused")).toBe(200);
  });
});

describe.skipIf(!hasRedisProgram())("a Redis that loses its data under an open store", () => {
  it.for(
    (
      [
        ["FLUSHALL", (admin: Redis) => admin.flushall()],
        ["SWAPDB with an empty database", (admin: Redis) => admin.swapdb("0", "1")],
        ["DEL of the version", (admin: Redis) => admin.del("{popp}:schema")],
      ] as const
    ).flatMap((one) => CLIENTS.map((kind) => [...one, kind] as const)),
  )("by %s is told once, and goes on with keys that have a version", async ([_, lose, kind], context) => {
    const { admin, inbox, deliver, told } = await redisStageOf(context, { kind });
    for (const id of ["evt_1", "evt_2"]) expect(await deliver(id)).toBe(200);
    await lose(admin);
    expect(await Promise.all(["evt_3", "evt_4", "evt_5"].map(deliver))).toEqual([200, 200, 200]);
    expect(told).toEqual([expect.stringContaining("keys of the store are gone")]);
    expect(await admin.get("{popp}:schema")).toBe("2");
    expect((await inbox.get("evt_5"))?.state).toBe("received");
    inbox.start();
    await expect.poll(async () => (await inbox.get("evt_3"))?.state).toBe("done");
    expect(told).toHaveLength(1);
  });

  it.for(KINDS)("is told of without a delivery when the inbox is started (%s)", async ([kind], context) => {
    const { admin, inbox, deliver, told } = await redisStageOf(context, { kind });
    expect(await deliver("evt_1")).toBe(200);
    inbox.start();
    await expect.poll(async () => (await inbox.get("evt_1"))?.state).toBe("done");
    await admin.flushall();
    await expect.poll(() => told).toEqual([expect.stringContaining("are gone")]);
  });

  it("is told of by a process that comes second too", async (context) => {
    const { server, admin, deliver, told } = await redisStageOf(context);
    for (let at = 0; at < 10; at++) expect(await deliver(`evt_${at}`)).toBe(200);
    const { store, end } = await serverStoreOf({ kind: "node-redis", url: server.url, namespace: "popp" });
    await admin.flushall();
    await store.open();
    await end();
    expect(await deliver("another")).toBe(200);
    expect(told).toEqual([expect.stringContaining("the 10 newest events")]);
  });

  it.for(KINDS)(
    "by the restore of a backup is told, and the lost events are accepted again (%s)",
    async ([kind], context) => {
      const { server, inbox, deliver, told } = await redisStageOf(context, { kind });
      const [kept, lost] = [
        ["evt_0", "evt_1", "evt_2"],
        ["evt_3", "evt_4"],
      ];
      for (const id of kept) expect(await deliver(id)).toBe(200);
      const [files, backup] = [join(server.folder, "appendonlydir"), join(server.folder, "backup")];
      cpSync(files, backup, { recursive: true });
      for (const id of lost) expect(await deliver(id)).toBe(200);
      await server.crash();
      rmSync(files, { recursive: true });
      cpSync(backup, files, { recursive: true });
      await server.start();
      await expect.poll(() => deliver("evt_0")).toBe(200);
      expect(told).toEqual([expect.stringContaining("the 2 newest events")]);
      for (const id of lost) {
        expect(await inbox.get(id)).toBeUndefined();
        expect(await deliver(id)).toBe(200);
      }
      expect((await inbox.stats()).counts.received).toBe(5);
      expect(told).toHaveLength(1);
    },
  );

  it("tells nothing when the data stay: SCRIPT FLUSH, DEBUG RELOAD, a restart", async (context) => {
    const { server, admin, inbox, deliver, told } = await redisStageOf(context, {
      settings: [...DURABLE, "--enable-debug-command", "yes"],
    });
    expect(await deliver("evt_0")).toBe(200);
    await admin.script("FLUSH");
    expect(await deliver("evt_1")).toBe(200);
    await admin.call("DEBUG", "RELOAD");
    expect(await deliver("evt_2")).toBe(200);
    await server.crash();
    await server.start();
    await expect.poll(() => deliver("evt_3")).toBe(200);
    expect(told).toEqual([]);
    expect((await inbox.stats()).counts.received).toBe(4);
  });

  it("does not create keys where the store must not: `migrate: false`", async (context) => {
    const { server, admin, deliver } = await redisStageOf(context);
    expect(await deliver("evt_0")).toBe(200);
    const client = new Redis(server.url);
    context.onTestFinished(() => client.disconnect());
    const told: string[] = [];
    const store = redisStore(client, { migrate: false });
    await store.open(({ message }) => told.push(message));
    await admin.flushall();
    await expect.poll(() => store.stats("popp").then(() => told)).toHaveLength(2);
    expect(told).toEqual([expect.stringContaining("are gone"), expect.stringContaining("no schema yet")]);
    expect(await admin.dbsize()).toBe(0);
  });
});
