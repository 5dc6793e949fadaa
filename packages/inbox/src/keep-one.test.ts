import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createReceiver } from "@popp-webhooks/core";
import { signedRequest } from "@popp-webhooks/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { eventOf, stage } from "../test/stage.ts";
import { keepOne } from "./keep-one.ts";
import { sqliteStore } from "./stores/sqlite/index.ts";

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "popp-keep-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Descriptors of this process in a folder. */
function openFiles(folder: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;
}

it("20 reloads under load handle each event once, by the code of its time, and leave one inbox", async () => {
  const folder = folderOf();
  const said = vi.spyOn(console, "info").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  const handled: [id: unknown, sentAt: number, by: number][] = [];
  /** What a module does that creates the inbox. */
  const load = (version: number) => {
    let made: ReturnType<typeof stage> | undefined;
    keepOne("20 reloads", () => {
      made = stage({
        store: sqliteStore(join(folder, "inbox.db")),
        on: {
          CONVERSATION_STARTED: ({ eventId }) =>
            void handled.push([eventId, Number(String(eventId).split("-")[0]), version]),
        },
      });
      return made.inbox;
    });
    const { inbox, send } = made ?? expect.unreachable();
    // The module starts it the first time; from then on it is started when the code is loaded again.
    if (version === 0) inbox.start();
    return { inbox, send };
  };
  let last: Awaited<ReturnType<typeof load>> | undefined;
  for (let version = 0; version < 20; version++) {
    last = load(version);
    for (let n = 0; n < 10; n++) expect(await last.send(eventOf(`${version}-${n}`))).toBe(200);
  }
  await expect.poll(() => handled.length).toBe(200);
  expect(new Set(handled.map(([id]) => id)).size).toBe(200);
  expect(handled.filter(([, sentAt, by]) => by < sentAt)).toEqual([]);
  expect(said).toHaveBeenCalledTimes(19);
  expect(said.mock.calls[0]?.[0]).toContain('keepOne("20 reloads")');
  // The file, its log and the log's index, of the latest inbox only. SQLite may keep one descriptor to use it again.
  if (process.platform === "linux") await expect.poll(() => openFiles(folder)).toBeLessThanOrEqual(4);
  await last?.inbox.close();
});

it("the new one is started when the old one was, as where two bundles evaluate a module", async () => {
  vi.spyOn(console, "info").mockImplementation(() => {});
  const handled: string[] = [];
  const load = (by: string) => {
    const made = stage({ on: { CONVERSATION_STARTED: () => void handled.push(by) } });
    return { ...made, kept: keepOne("bundles", () => made.inbox) };
  };
  const instrumentation = load("instrumentation");
  const route = load("route");
  expect([instrumentation.inbox.isStarted, route.inbox.isStarted]).toEqual([false, false]);
  // By the name of the first, which is closed.
  instrumentation.kept.start();
  const other = load("another route");
  expect([route.inbox.isStarted, other.inbox.isStarted]).toEqual([false, true]);
  await other.send(eventOf("evt_1"));
  await other.until("done");
  expect(handled).toEqual(["another route"]);
  expect((await route.kept.get("evt_1"))?.state).toBe("done");
  const { deliver } = route.kept;
  const receiver = createReceiver({ secret: "s", inbox: { ...route.kept, catalog: route.kept.catalog, deliver } });
  expect((await receiver.fetch(await signedRequest(eventOf("evt_2"), { secret: "s" }))).status).toBe(200);
  await other.inbox.close();
  expect(route.kept.isStarted).toBe(false);
});

it("when creating fails, the one before goes on", async () => {
  const closed: string[] = [];
  const first = keepOne("failing", () => ({ close: () => closed.push("first") }));
  const fail = () => {
    throw new Error("no such column");
  };
  expect(() => keepOne("failing", fail)).toThrow("no such column");
  expect(closed).toEqual([]);
  vi.spyOn(console, "info").mockImplementationOnce(() => {});
  const second = keepOne("failing", () => ({ close: () => closed.push("second") }));
  expect(closed).toEqual(["first"]);
  second.close();
  first.close();
  expect(closed).toEqual(["first", "second", "second"]);
});

it("a `close` of the user's gets what was created", () => {
  vi.spyOn(console, "info").mockImplementationOnce(() => {});
  const ended: number[] = [];
  for (const pool of [1, 2])
    keepOne(
      "pool",
      () => ({ pool }),
      (one) => ended.push(one.pool),
    );
  expect(ended).toEqual([1]);
});

it("one that fails to close is told, and does not keep the new one from starting", async () => {
  vi.spyOn(console, "info").mockImplementationOnce(() => {});
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => told.mockRestore());
  keepOne("stuck", () => ({ close: () => Promise.reject(new Error("stuck")) }));
  expect(keepOne("stuck", () => ({ close: () => {}, isNew: true })).isNew).toBe(true);
  await expect.poll(() => told.mock.calls.flat().join()).toContain("keepOne could not close");
});

it("names what is wrong with its arguments", () => {
  const closable = () => ({ close: () => {} });
  expect(() => keepOne("", closable)).toThrow("`name`");
  // The join: arguments that do not compile.
  expect(() => keepOne("x", {} as () => never)).toThrow("`create` must be a function, received object");
  expect(() => keepOne("x", (async () => closable()) as unknown as typeof closable)).toThrow("not a promise");
  expect(() => keepOne("x", (() => ({})) as typeof closable)).toThrow("must return an inbox");
});

it("two started inboxes with handlers on one file are told once", async () => {
  const path = join(folderOf(), "inbox.db");
  const told: string[] = [];
  const start = (options: object) => {
    const { inbox } = stage({ store: sqliteStore(path), onError: ({ message }) => told.push(message), ...options });
    onTestFinished(() => inbox.close());
    inbox.start();
    return inbox;
  };
  start({ on: "elsewhere" });
  const worker = start({});
  start({ source: "another" });
  await worker.stats();
  expect(told).toEqual([]);
  start({});
  await expect.poll(() => told).toEqual([expect.stringContaining("inbox.db")]);
  expect(told[0]).toContain("keepOne");
  start({});
  await worker.stats();
  expect(told).toHaveLength(1);
});

it("two inboxes in memory, or one after another on a file, are not told", async () => {
  const path = join(folderOf(), "inbox.db");
  const told: string[] = [];
  const onError = ({ message }: Error) => told.push(message);
  for (let time = 0; time < 2; time++) {
    const { inbox } = stage({ store: sqliteStore(path), onError });
    inbox.start();
    await inbox.stats();
    await inbox.close();
  }
  for (let time = 0; time < 2; time++) {
    const { inbox } = stage({ store: sqliteStore(new DatabaseSync(":memory:")), onError });
    onTestFinished(() => inbox.close());
    inbox.start();
    await inbox.stats();
  }
  expect(told).toEqual([]);
});
