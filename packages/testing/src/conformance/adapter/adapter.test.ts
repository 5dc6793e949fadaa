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

/** An app with three routes: the webhook, one that answers JSON, and the webhook behind a parser that has read the body. */
async function mount(listener: Listener, others: OtherRoutes = {}): Promise<Required<MountedAdapter>> {
  const { receive } = conformanceReceiver();
  const { json = echo, parsedFirst = sayingSo } = others;
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

const sayingSo: Listener = async (request, response, receive) => {
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

const right: Listener = async (request, response, receive) =>
  reply(response, await receive({ ...meta(request), body: request }));

const serializingAgain: Listener = async (request, response, receive) => {
  const text = (await bytesOf(request)).toString();
  const again = text.startsWith("{") ? JSON.stringify(JSON.parse(text)) : text;
  reply(response, await receive({ ...meta(request), body: again }));
};

describeAdapter("a right mount", () => mount(right));

const BEHIND_PARSER = "behind another JSON parser, takes the exact bytes or says how to give them";

function caseNamed(name: string): AdapterCase {
  const found = adapterCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${JSON.stringify(name)}`);
  return found;
}

/** Mounts as others got them wrong, and a case that must tell for each. */
const wrongMounts: Record<string, [Listener, string[]]> = {
  "serializes the parsed body again": [
    serializingAgain,
    [
      "takes the exact bytes of spaced JSON",
      "takes the exact bytes of CRLF line ends",
      "takes the exact bytes of escapes that need not be",
    ],
  ],
  "decodes the body before it is verified": [
    async (request, response, receive) =>
      reply(response, await receive({ ...meta(request), body: new TextDecoder().decode(await bytesOf(request)) })),
    ["takes a body with a BOM", "refuses a body that only decodes to what was signed"],
  ],
  "joins chunks as text": [
    async (request, response, receive) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      reply(response, await receive({ ...meta(request), body: text }));
    },
    ["takes a body in chunks of one byte"],
  ],
  "answers before it has verified": [
    async (request, response, receive) => {
      reply(response, { status: 200, headers: { "content-type": "application/json" }, body: '{"status":"handled"}' });
      await receive({ ...meta(request), body: request });
    },
    ["refuses a wrong secret", "answers 500 when a handler throws, and lets it be sent again"],
  ],
  "closes the connection of a body that is too large": [
    async (request, response, receive) => {
      const answer = await receive({ ...meta(request), body: request });
      if (answer.status === 413) request.destroy();
      else reply(response, answer);
    },
    ["refuses one byte more, in chunks", "gives its 413 to a client that reads only after it has written everything"],
  ],
  "reads only JSON": [
    async (request, response, receive) => {
      const isJson = request.headers["content-type"]?.startsWith("application/json");
      reply(response, await receive({ ...meta(request), body: isJson ? request : "" }));
    },
    ["does not judge the content-type: none", "does not judge the content-type: text/plain"],
  ],
  "takes the first value of a repeated header": [
    async (request, response, receive) => {
      const first = request.headers["x-signature"]?.toString().split(",")[0];
      reply(
        response,
        await receive({ method: "POST", headers: { ...request.headers, "x-signature": first }, body: request }),
      );
    },
    ["takes the header twice, the genuine one last", "refuses GET, and says what it takes"],
  ],
  "adds a charset to the answer": [
    async (request, response, receive) => {
      const { status, body } = await receive({ ...meta(request), body: request });
      reply(response, { status, headers: { "content-type": "application/json; charset=utf-8" }, body });
    },
    ["takes the exact bytes of compact JSON"],
  ],
  "forgets what it handled": [
    async (request, response) =>
      reply(response, await conformanceReceiver().receive({ ...meta(request), body: request })),
    ["runs concurrent duplicates once", "answers a duplicate of a handled event with 200"],
  ],
};

describe.each(Object.entries(wrongMounts))("a mount that %s", (_, [listener, telling]) => {
  let app: MountedAdapter;
  beforeAll(async () => {
    app = await mount(listener);
  });
  afterAll(() => app.close());

  it.each(telling)("fails: %s", async (name) => {
    await expect(caseNamed(name).run(app)).rejects.toThrow();
  });
});

/** Wrong only where a parser comes before it, or beside the webhook. */
const wrongRoutes: [string, OtherRoutes, string[]][] = [
  [
    "serializes again what a parser made of the body",
    { parsedFirst: serializingAgain },
    [`${BEHIND_PARSER}: spaced JSON`, `${BEHIND_PARSER}: numbers that a parser rounds`],
  ],
  [
    "answers 202 where it cannot verify",
    { parsedFirst: async (_, response) => void response.writeHead(202).end() },
    [`${BEHIND_PARSER}: compact JSON`],
  ],
  [
    "waits for a body that was read before",
    {
      parsedFirst: async (request, response) => {
        await bytesOf(request);
        const ended = new Promise((resolve) => request.once("end", resolve));
        // The suite would wait for 30 s; that this ends the connection fails it as well.
        setTimeout(() => response.destroy(), 200);
        await ended;
      },
    },
    [`${BEHIND_PARSER}: compact JSON`],
  ],
  [
    "takes the parser from the app's other routes",
    { json: async (request, response) => void response.end(JSON.stringify((await bytesOf(request)).toString())) },
    ["leaves the app's other routes their own JSON parsing"],
  ],
];

it.each(wrongRoutes)("fails a mount that %s", async (_, routes, telling) => {
  const app = await mount(right, routes);
  onTestFinished(app.close);
  for (const name of telling) await expect(caseNamed(name).run(app)).rejects.toThrow();
});

it("fails a mount that drops the delivery in hand when it shuts down", async () => {
  const app = await mount(right);
  const dropping = { ...app, shutDown: app.close };
  await expect(caseNamed("finishes the delivery in hand when the app shuts down").run(dropping)).rejects.toThrow();
});

const LACKING = "a mount that has the webhook alone";
describeAdapter(
  LACKING,
  async () => {
    const { url, close } = await mount(right);
    return { url, close };
  },
  { impossible: { "takes base64": "its router is allergic" } },
);

it("reports what was not tried as skipped, and why", ({ task }) => {
  const suite = task.file.tasks.find(({ name }) => name.startsWith(LACKING));
  if (suite?.type !== "suite") throw new Error("the suite was not declared");
  const skipped = suite.tasks.filter(({ result }) => result?.state === "skip").map(({ name }) => name);
  const lacking = adapterCases.filter(({ needs }) => needs !== undefined).map(({ name }) => name);
  expect(skipped).toEqual(expect.arrayContaining([...lacking, "takes base64 (not here: its router is allergic)"]));
  expect(skipped).toHaveLength(lacking.length + 1);
});
