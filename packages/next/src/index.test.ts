import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createReceiver } from "@popp-webhooks/core";
import { type DescribeAdapterOptions, describeAdapter } from "@popp-webhooks/testing/adapter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StartedApp, startApp } from "../test/start-app.ts";
import { toNextRoute } from "./index.ts";

const fixture = new URL("../test/fixture/", import.meta.url);
const quiet = { NEXT_TELEMETRY_DISABLED: "1" };
const SECRET = "a secret of ours";

const start = (env: Readonly<Record<string, string>> = {}): Promise<StartedApp> =>
  startApp("../../node_modules/.bin/next start --hostname 127.0.0.1 --port 0", fixture, {
    ...quiet,
    ...env,
    POPP_WEBHOOK_SECRET: SECRET,
  });

let app: StartedApp;

beforeAll(async () => {
  const { POPP_WEBHOOK_SECRET: _, ...env } = process.env;
  // No secret is set: a build that asked for one would fail here.
  execFileSync(fileURLToPath(new URL("../node_modules/.bin/next", import.meta.url)), ["build"], {
    cwd: fileURLToPath(fixture),
    env: { ...env, ...quiet },
    stdio: ["ignore", "ignore", "pipe"],
  });
  app = await start();
});

afterAll(() => app.close());

const BY_NEXT = "Next itself answers the methods that a route does not export, with 405 and without a body";

const postAlone: DescribeAdapterOptions = {
  impossible: Object.fromEntries(
    ["GET", "HEAD", "PUT", "DELETE", "PATCH"].map((method) => [
      `refuses ${method} and names the allowed method`,
      BY_NEXT,
    ]),
  ),
};

describeAdapter(
  "Next.js, App Router on Node",
  async () => ({ url: `${app.url}/node`, jsonUrl: `${app.url}/json`, close: async () => {} }),
  postAlone,
);

describeAdapter(
  "Next.js, App Router on the edge runtime",
  async () => ({ url: `${app.url}/edge`, close: async () => {} }),
  postAlone,
);

describeAdapter("Next.js, Pages Router", async () => ({
  url: `${app.url}/api/exact`,
  jsonUrl: `${app.url}/api/json`,
  parsedFirstUrl: `${app.url}/api/parsed`,
  close: async () => {},
}));

it.each(["/node", "/edge"])("answers other methods with 405 at %s", async (path) => {
  expect((await fetch(app.url + path)).status).toBe(405);
});

it.each([
  ["JSON", '{ "event": "X" }'],
  ["nothing", ""],
  ["a falsy value", "0"],
])("names the exact line to add to a page whose body parser is on and met %s", async (_, body) => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${app.url}/api/parsed`, { method: "POST", body, headers });

  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({
    error: {
      code: "BODY_CONSUMED",
      message: expect.stringContaining("`export const config = { api: { bodyParser: false } };`"),
    },
  });
});

/** A genuine delivery for the receivers that have the secret of these tests. */
function genuine(): RequestInit {
  const body = '{ "event": "X", "eventId": "1", "data": {} }';
  return { method: "POST", body, headers: { "x-signature": createHmac("sha256", SECRET).update(body).digest("hex") } };
}

it.each(["node", "edge"])("lets work after the answer finish before the server ends (%s)", async (runtime) => {
  const ending = await start();
  const response = await fetch(`${ending.url}/background/${runtime}`, genuine());
  expect(await response.json()).toEqual({ status: "accepted" });
  expect(ending.output()).not.toContain(`worked on in ${runtime}`);

  await ending.close();

  expect(ending.output()).toContain(`worked on in ${runtime}`);
});

it("passes the host's waitUntil in the Pages Router", async () => {
  const hosted = await start({ PLAY_HOST: "1" });

  const response = await fetch(`${hosted.url}/api/background`, genuine());
  expect(await response.json()).toEqual({ status: "accepted" });
  await expect.poll(hosted.output).toContain("kept alive by the host");

  await hosted.close();
});

describe("outside of a request", () => {
  it("answers although `after()` throws there", async () => {
    let lent = false;
    const { POST } = toNextRoute(
      createReceiver({
        secret: SECRET,
        inbox: {
          deliver: async (_delivery, _event, context) => {
            context.waitUntil?.(Promise.resolve());
            lent = true;
            return { status: "accepted" };
          },
          reject: async () => {},
        },
      }),
    );

    const response = await POST(new Request("http://app.example/", genuine()));

    expect([response.status, lent]).toEqual([200, true]);
  });
});

it.each([
  ["ESM", "module", 'import { toNextRoute } from "@popp-webhooks/next"; console.log(typeof toNextRoute);'],
  ["CommonJS", "commonjs", 'console.log(typeof require("@popp-webhooks/next").toNextRoute);'],
])("loads in Node's own %s, as in the Pages Router, which does not bundle it", (_, type, code) => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const output = execFileSync(process.execPath, [`--input-type=${type}`, "-e", code], { cwd });
  expect(String(output)).toBe("function\n");
});
