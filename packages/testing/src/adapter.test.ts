import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Reply } from "@popp-webhooks/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MountedAdapter } from "./adapter/adapter-case.ts";
import { adapterCases } from "./adapter/cases.ts";
import { describeAdapter } from "./adapter.ts";
import { conformanceReceiver } from "./conformance.ts";

type Receive = ReturnType<typeof conformanceReceiver>["receive"];
type Listener = (request: IncomingMessage, response: ServerResponse, receive: Receive) => Promise<void>;

async function mount(listener: Listener): Promise<MountedAdapter> {
  const { receive } = conformanceReceiver();
  const server = createServer((request, response) => {
    listener(request, response, receive).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, close };
}

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

describeAdapter("a right mount", () => mount(right));

/** Mounts as others got them wrong, and a case that must tell for each. */
const wrongMounts: Record<string, [Listener, string[]]> = {
  "serialises the parsed body again": [
    async (request, response, receive) => {
      const text = (await bytesOf(request)).toString();
      const again = text.startsWith("{") ? JSON.stringify(JSON.parse(text)) : text;
      reply(response, await receive({ ...meta(request), body: again }));
    },
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
    const one = adapterCases.find((candidate) => candidate.name === name);
    if (one === undefined) throw new Error("there is no such case");
    await expect(one.run(app)).rejects.toThrow();
  });
});

describe("a mount that waits for a body that was read before", () => {
  it("fails behind another parser, and a right one does not", async () => {
    const hanging = await mount(async (request, response, receive) => {
      await bytesOf(request);
      await new Promise((resolve) => request.once("end", resolve));
      reply(response, await receive({ ...meta(request), body: "" }));
    });
    const saying = await mount(async (request, response, receive) => {
      await bytesOf(request);
      reply(response, await receive({ ...meta(request), body: request }));
    });
    const one = adapterCases.find(({ needs }) => needs === "parsedFirstUrl");
    await expect(one?.run({ ...hanging, parsedFirstUrl: hanging.url })).rejects.toThrow();
    await expect(one?.run({ ...saying, parsedFirstUrl: saying.url })).resolves.toBeUndefined();
    await hanging.close();
    await saying.close();
  }, 30_000);
});
