import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createReceiver, type Inbox } from "@popp-webhooks/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildPackages } from "../test/build-packages.ts";
import { type StartedApp, startApp } from "../test/start-app.ts";
import { toNextRoute } from "./index.ts";

const fixture = new URL("../test/fixture/", import.meta.url);
const quiet = { NEXT_TELEMETRY_DISABLED: "1" };
const SECRET = "a secret of ours";
const BODY = '{ "event": "X", "eventId": "1", "data": {} }';

function signed(body: string = BODY): RequestInit {
  return { method: "POST", body, headers: { "x-signature": createHmac("sha256", SECRET).update(body).digest("hex") } };
}

beforeAll(() => {
  buildPackages("core", "next");
  const { POPP_WEBHOOK_SECRET: _, ...env } = process.env;
  // No secret is set: a build that asked for one would fail here.
  execFileSync(fileURLToPath(new URL("../node_modules/.bin/next", import.meta.url)), ["build"], {
    cwd: fileURLToPath(fixture),
    env: { ...env, ...quiet },
  });
}, 120_000);

const start = (): Promise<StartedApp> =>
  startApp("../../node_modules/.bin/next start --hostname 127.0.0.1 --port 0", fixture, {
    ...quiet,
    POPP_WEBHOOK_SECRET: SECRET,
  });

describe("an app built without a secret", () => {
  let app: StartedApp;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.close());

  it.each(["/node", "/edge", "/api/exact"])("answers a signed delivery at %s", async (path) => {
    const response = await fetch(app.url + path, signed());
    expect([response.status, await response.json()]).toEqual([200, { status: "unhandled" }]);
  });

  it.each([
    ["JSON", BODY],
    ["nothing", ""],
    ["a falsy value", "0"],
  ])("names the exact line to add to a page whose body parser is on and met %s", async (_, body) => {
    const response = await fetch(`${app.url}/api/parsed`, {
      ...signed(body),
      headers: { "content-type": "application/json" },
    });

    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      error: {
        code: "BODY_CONSUMED",
        message: expect.stringContaining("`export const config = { api: { bodyParser: false } };`"),
      },
    });
  });
});

it.each(["node", "edge"])("lets work after the answer finish before the server ends (%s)", async (runtime) => {
  const app = await start();
  const response = await fetch(`${app.url}/background/${runtime}`, signed());
  expect(await response.json()).toEqual({ status: "accepted" });
  expect(app.output()).not.toContain(`worked on in ${runtime}`);

  await app.close();

  expect(app.output()).toContain(`worked on in ${runtime}`);
});

describe("outside of a request", () => {
  const lent: unknown[] = [];
  const inbox: Inbox = {
    deliver: async (_delivery, _event, context) => {
      lent.push(context.waitUntil?.(Promise.resolve()));
      return { status: "accepted" };
    },
    reject: async () => {},
  };

  it("answers all the same, though `after()` throws there", async () => {
    const { POST } = toNextRoute(createReceiver({ secret: SECRET, inbox }));

    const response = await POST(new Request("http://app.example/", signed()));

    expect(response.status).toBe(200);
    expect(lent).toHaveLength(1);
  });
});

it.each([
  [
    "ESM",
    [
      "--input-type=module",
      "-e",
      'import { toNextRoute } from "@popp-webhooks/next"; console.log(typeof toNextRoute);',
    ],
  ],
  ["CommonJS", ["--input-type=commonjs", "-e", 'console.log(typeof require("@popp-webhooks/next").toNextRoute);']],
])("loads in Node's own %s, as in the Pages Router, which does not bundle it", (_, args) => {
  expect(String(execFileSync(process.execPath, args, { cwd: fileURLToPath(new URL("..", import.meta.url)) }))).toBe(
    "function\n",
  );
});
