import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { signedRequest } from "@popp-webhooks/testing";
import { build } from "esbuild";
import { Miniflare, type WorkerOptions } from "miniflare";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { note } from "./findings.ts";

/** Several Workers with the same code and database, each with its own address. */
const NAMES = ["one", "two"] as const;

let script = "";
let miniflare: Miniflare | undefined;
let [one, two] = ["", ""];

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../runtime/inbox-worker.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["@popp-webhooks/source", "workerd"],
    external: ["cloudflare:workers"],
    write: false,
  });
  script = outputFiles[0]?.text ?? "";
});

afterEach(() => miniflare?.dispose());

async function start(STORE: "d1" | "durable-object", bindings: Record<string, number> = {}): Promise<void> {
  const workers = NAMES.map(
    (name): WorkerOptions => ({
      name,
      modules: true,
      script,
      compatibilityDate: "2026-07-01",
      d1Databases: { DB: "shared" },
      durableObjects: { POPP_INBOX: { className: "PoppInboxObject", useSQLite: true, scriptName: "one" } },
      bindings: { STORE, ...bindings },
      // Not through Miniflare's own Worker, which goes on after a client has disconnected.
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    }),
  );
  miniflare = new Miniflare({ workers });
  await miniflare.ready;
  [one, two] = [`${await miniflare.unsafeGetDirectURL("one")}`, `${await miniflare.unsafeGetDirectURL("two")}`];
  await fetch(one);
}

let made = 0;

async function delivery(path: string, data: object = {}, eventId = `evt_${++made}`): Promise<Request> {
  const eventTimestamp = new Date(1_790_000_000_000 + ++made).toISOString();
  return signedRequest({ event: "SOMETHING", eventId, eventTimestamp, data }, { secret: "a secret", url: path });
}

/** Delivers an event and returns its id. */
async function deliver(path: string, data: object = {}): Promise<string> {
  const id = `evt_${++made}`;
  const response = await fetch(await delivery(path, data, id));
  expect([response.status, await response.text()]).toEqual([200, '{"status":"accepted"}']);
  return id;
}

async function ask<T>(path: string, body?: string): Promise<T> {
  return (await fetch(path, body === undefined ? {} : { method: "POST", body })).json() as Promise<T>;
}

const stateOf = async (id: string) => (await ask<{ state?: string }>(`${one}record`, id)).state;
const runsOf = async (id: string) => (await ask<string[]>(`${one}runs`)).filter((run) => run === id).length;

/** Sends a request and disconnects in the middle of the answer, which cancels the work for it in the Worker. */
async function breakOff(request: Request, when: () => Promise<unknown>): Promise<void> {
  const { hostname, port, pathname } = new URL(request.url);
  const body = await request.text();
  const headers = [...request.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const socket = connect(Number(port), hostname).on("error", () => {});
  socket.write(`${request.method} ${pathname} HTTP/1.1\r\nhost: worker.example\r\n${headers}`);
  socket.write(`content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await when();
  socket.resetAndDestroy();
}

describe.each(["d1", "durable-object"] as const)("an inbox in Workers, with %s", (store) => {
  it("answers 1,000 concurrent deliveries of one event, to two Workers, with 200 and runs one handler", async (context) => {
    await start(store);
    const request = await delivery(`${one}webhook`);
    const [headers, body] = [request.headers, await request.text()];

    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, async (_, index) => {
        const { status } = await fetch(`${index % 2 === 0 ? one : two}webhook`, { method: "POST", headers, body });
        return status;
      }),
    );

    expect(statuses.filter((status) => status === 200)).toHaveLength(1_000);
    const { eventId } = JSON.parse(body);
    await expect.poll(() => stateOf(eventId)).toBe("done");
    expect(await ask(`${two}record`, eventId)).toMatchObject({ duplicates: 999, attempts: 1 });
    expect(await runsOf(eventId)).toBe(1);
    note(context, "1000 answers of 200, 1 run");
  });

  it("handles each of 60 concurrent events once, within its request", async () => {
    await start(store);
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, index) => deliver(`${index % 2 === 0 ? one : two}webhook`, { sleepMs: 20 })),
    );

    await expect.poll(async () => new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(["done"]));
    expect((await ask<string[]>(`${one}runs`)).sort()).toEqual([...ids].sort());
  });

  it("retries a failed handler when the cron trigger fires", async () => {
    await start(store);
    const id = await deliver(`${one}webhook`, { failures: 2 });
    await expect.poll(() => stateOf(id)).toBe("retry");

    const worker = await miniflare?.getWorker("two");
    await expect
      .poll(async () => {
        await worker?.scheduled({ cron: "* * * * *" });
        return stateOf(id);
      })
      .toBe("done");

    expect(await ask(`${one}record`, id)).toMatchObject({ attempts: 3, note: null });
  });
});

/** Workers cancel the work of a request together with the request, and its promises never settle. Other requests must not wait for them. */
describe("a request that is cancelled in a Worker", () => {
  it("does not affect others when it opened the store", async () => {
    await start("d1", { SLOW_OPEN_MS: 600_000 });
    await breakOff(await delivery(`${two}webhook/later`), () => expect.poll(() => ask(`${two}opened`)).toBe(1));

    const early = await fetch(await delivery(`${two}webhook`));
    expect(early.status).toBe(503);
    await deliver(`${two}webhook`);
  });

  it("leaves its event to a later sweep in the same isolate", async () => {
    await start("d1");
    const id = await deliver(`${one}webhook/later`, { hangs: 1 });
    await breakOff(new Request(`${one}sweep`), () => expect.poll(() => runsOf(id)).toBe(1));
    expect(await stateOf(id)).not.toBe("done");

    const stateAfterSweep = async () => {
      await ask(`${one}sweep`);
      return stateOf(id);
    };
    await expect.poll(stateAfterSweep).toBe("done");
    expect(await runsOf(id)).toBe(2);
  });

  it("holds back later events of its order key until its lease ends, and no longer", async () => {
    await start("d1");
    const first = await deliver(`${one}webhook/later`, { order: "a record", hangs: 1 });
    await breakOff(new Request(`${one}sweep`), () => expect.poll(() => runsOf(first)).toBe(1));
    expect(await stateOf(first)).not.toBe("done");

    const second = await deliver(`${one}webhook`, { order: "a record" });

    const stateAfterSweep = async () => {
      await ask(`${one}sweep`);
      return stateOf(second);
    };
    await expect.poll(stateAfterSweep).toBe("done");
    expect(await runsOf(second)).toBe(1);
  });
});
