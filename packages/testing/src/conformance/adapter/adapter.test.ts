import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Reply } from "@popp-webhooks/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { conformanceReceiver } from "../receiver.ts";
import type { AdapterCase, MountedAdapter } from "./adapter-case.ts";
import { adapterCases } from "./cases/index.ts";
import { describeAdapter } from "./index.ts";

type Receive = ReturnType<typeof conformanceReceiver>["receive"];
type Listener = (request: IncomingMessage, response: ServerResponse, receive: Receive) => Promise<void>;

/** Starts an app with three routes: the webhook, a JSON echo, and the webhook behind a parser that has read the body. */
async function mount(listener: Listener, others: OtherRoutes = {}): Promise<Required<MountedAdapter>> {
  const { receive } = conformanceReceiver();
  const { json = echo, parsedFirst = bodyConsumed } = others;
  const routes = new Map([
    ["/json", json],
    ["/parsed-first", parsedFirst],
  ]);
  const server = createServer((request, response) => {
    const route = routes.get(request.url ?? "") ?? listener;
    route(request, response, receive).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shutDown = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const close = () => {
    server.closeAllConnections();
    return shutDown();
  };
  return { url: `${origin}/`, jsonUrl: `${origin}/json`, parsedFirstUrl: `${origin}/parsed-first`, shutDown, close };
}

interface OtherRoutes {
  readonly json?: Listener;
  readonly parsedFirst?: Listener;
}

const echo: Listener = async (request, response) =>
  void response.end(JSON.stringify(JSON.parse((await bytesOf(request)).toString())));

const bodyConsumed: Listener = async (request, response, receive) => {
  await bytesOf(request);
  reply(response, await receive({ ...meta(request), body: request }));
};

const meta = ({ method = "", headers }: IncomingMessage) => ({ method, headers });
const reply = (response: ServerResponse, { status, headers, body }: Reply) =>
  void response.writeHead(status, headers).end(body);

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const correct: Listener = async (request, response, receive) =>
  reply(response, await receive({ ...meta(request), body: request }));

const reserializing: Listener = async (request, response, receive) => {
  const text = (await bytesOf(request)).toString();
  const again = text.startsWith("{") ? JSON.stringify(JSON.parse(text)) : text;
  reply(response, await receive({ ...meta(request), body: again }));
};

describeAdapter("a correct mount", () => mount(correct));

const BEHIND_PARSER = "behind a JSON parser, verifies the exact bytes or reports BODY_CONSUMED";

function caseNamed(name: string): AdapterCase {
  const found = adapterCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${JSON.stringify(name)}`);
  return found;
}

/** Common mistakes in adapters, each with the cases that must fail. */
const wrongMounts: Record<string, [Listener, string[]]> = {
  "verifies a re-serialized body": [
    reserializing,
    [
      "verifies the exact bytes of spaced JSON",
      "verifies the exact bytes of CRLF line ends",
      "verifies the exact bytes of unnecessary escapes",
    ],
  ],
  "decodes the body before verifying": [
    async (request, response, receive) =>
      reply(response, await receive({ ...meta(request), body: new TextDecoder().decode(await bytesOf(request)) })),
    ["accepts a body with a BOM", "refuses a body that equals the signed text only after decoding"],
  ],
  "decodes each chunk to text": [
    async (request, response, receive) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      reply(response, await receive({ ...meta(request), body: text }));
    },
    ["accepts a body in chunks of one byte"],
  ],
  "answers before verifying": [
    async (request, response, receive) => {
      reply(response, { status: 200, headers: { "content-type": "application/json" }, body: '{"status":"handled"}' });
      await receive({ ...meta(request), body: request });
    },
    ["refuses a signature of another secret", "answers 500 when a handler throws, and handles the next delivery"],
  ],
  "closes the connection when a body is too large": [
    async (request, response, receive) => {
      const answer = await receive({ ...meta(request), body: request });
      if (answer.status === 413) request.destroy();
      else reply(response, answer);
    },
    ["refuses a chunked body over the limit", "a client that writes everything before it reads receives the 413"],
  ],
  "reads only JSON": [
    async (request, response, receive) => {
      const isJson = request.headers["content-type"]?.startsWith("application/json");
      reply(response, await receive({ ...meta(request), body: isJson ? request : "" }));
    },
    ["ignores the content-type: none", "ignores the content-type: text/plain"],
  ],
  "uses only the first value of a repeated header": [
    async (request, response, receive) => {
      const first = request.headers["x-signature"]?.toString().split(",")[0];
      reply(
        response,
        await receive({ method: "POST", headers: { ...request.headers, "x-signature": first }, body: request }),
      );
    },
    ["accepts two signature headers, the correct one last", "refuses GET and names the allowed method"],
  ],
  "adds a charset to the content-type": [
    async (request, response, receive) => {
      const { status, body } = await receive({ ...meta(request), body: request });
      reply(response, { status, headers: { "content-type": "application/json; charset=utf-8" }, body });
    },
    ["verifies the exact bytes of compact JSON"],
  ],
  "creates a receiver per request": [
    async (request, response) =>
      reply(response, await conformanceReceiver().receive({ ...meta(request), body: request })),
    ["handles one of 20 concurrent duplicates", "answers a duplicate of a handled event with 200"],
  ],
};

describe.each(Object.entries(wrongMounts))("a mount that %s", (_, [listener, mustFail]) => {
  let app: MountedAdapter;
  beforeAll(async () => {
    app = await mount(listener);
  });
  afterAll(() => app.close());

  it.each(mustFail)("fails the case: %s", async (name) => {
    await expect(caseNamed(name).run(app)).rejects.toThrow();
  });
});

/** Mistakes on the routes behind a parser or beside the webhook. */
const wrongRoutes: [string, OtherRoutes, string[]][] = [
  [
    "re-serializes a parsed body",
    { parsedFirst: reserializing },
    [`${BEHIND_PARSER}: spaced JSON`, `${BEHIND_PARSER}: numbers that a parser rounds`],
  ],
  [
    "answers 202 when it cannot verify",
    { parsedFirst: async (_, response) => void response.writeHead(202).end() },
    [`${BEHIND_PARSER}: compact JSON`],
  ],
  [
    "waits for a body that was already read",
    {
      parsedFirst: async (request, response) => {
        await bytesOf(request);
        const ended = new Promise((resolve) => request.once("end", resolve));
        // Ends the connection early; otherwise the suite would wait for 30 s.
        setTimeout(() => response.destroy(), 200);
        await ended;
      },
    },
    [`${BEHIND_PARSER}: compact JSON`],
  ],
  [
    "disables JSON parsing on the app's other routes",
    { json: async (request, response) => void response.end(JSON.stringify((await bytesOf(request)).toString())) },
    ["the app's other routes still parse JSON"],
  ],
];

it.each(wrongRoutes)("fails a mount that %s", async (_, routes, mustFail) => {
  const app = await mount(correct, routes);
  onTestFinished(app.close);
  for (const name of mustFail) await expect(caseNamed(name).run(app)).rejects.toThrow();
});

it("fails a mount that drops a delivery in progress when it shuts down", async () => {
  const app = await mount(correct);
  const dropping = { ...app, shutDown: app.close };
  await expect(caseNamed("finishes a delivery in progress when the app shuts down").run(dropping)).rejects.toThrow();
});

const LACKING = "a mount with only the webhook";
describeAdapter(
  LACKING,
  async () => {
    const { url, close } = await mount(correct);
    return { url, close };
  },
  { impossible: { "accepts base64": "its router cannot" } },
);

it("reports cases that did not run as skipped, with the reason", ({ task }) => {
  const suite = task.file.tasks.find(({ name }) => name.startsWith(LACKING));
  if (suite?.type !== "suite") throw new Error("the suite was not declared");
  const skipped = suite.tasks.filter(({ result }) => result?.state === "skip").map(({ name }) => name);
  const lacking = adapterCases.filter(({ needs }) => needs !== undefined).map(({ name }) => name);
  expect(skipped).toEqual(expect.arrayContaining([...lacking, "accepts base64 (not here: its router cannot)"]));
  expect(skipped).toHaveLength(lacking.length + 1);
});
