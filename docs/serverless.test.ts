import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { createReceiver, type Delivery, type Receiver, type Reply } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { fixture, signPayload } from "@popp-webhooks/testing";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("guide/serverless.md", import.meta.url), "utf8");
const secret = "the signing secret";
const body = JSON.stringify(fixture("CONVERSATION_COMPLETED"), null, 1).replace("Amara", "Am\u00e5ra");

/** What a block of the page exports, with what it imports given. */
function fromPage(text: string, given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const block = blocks.find((code) => code.includes(text)) ?? "";
  const code = stripTypeScriptTypes(block.replace(/^import .*$/gm, ""));
  const names = [...code.matchAll(/^export (?:async )?function (\w+)/gm)].map(([, name]) => name);
  const body = `${code.replace(/^export /gm, "")}\nreturn { ${names.join()} };`;
  return new Function(...Object.keys(given), body)(...Object.values(given));
}

interface Answer extends Omit<Reply, "status"> {
  readonly statusCode: number;
  readonly multiValueHeaders?: object;
}

/** The handler of the page, on a store in memory. */
function lambda() {
  const { handler, sweep } = fromPage("interface LambdaEvent", {
    createReceiver,
    createInbox,
    postgresStore: () => memoryStore(),
    pg: { Pool: class {} },
    process: { env: { POPP_WEBHOOK_SECRET: secret } },
    console: { log: () => {} },
  });
  return {
    handler: handler as (event: object) => Promise<Answer>,
    sweep: sweep as () => Promise<object>,
  };
}

const signature = await signPayload(body, secret);
const headers = { "content-type": "application/json", "x-signature": signature };
const base64 = { body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
const text = { body, isBase64Encoded: false };
const lists = { "Content-Type": ["application/json"], "X-Signature": [signature] };

describe("AWS Lambda, by events of each shape", () => {
  it.each<[string, object]>([
    ["a function URL", { version: "2.0", headers, ...text, requestContext: { http: { method: "POST" } } }],
    ["an HTTP API in base64", { version: "2.0", headers, ...base64, requestContext: { http: { method: "POST" } } }],
    [
      "a REST API",
      { httpMethod: "POST", headers, multiValueHeaders: lists, ...text, requestContext: { stage: "prod" } },
    ],
    ["a load balancer", { httpMethod: "POST", headers, ...base64, requestContext: { elb: {} } }],
  ])("%s is answered with 200, and the event is handled by the next sweep", async (_, event) => {
    const { handler, sweep } = lambda();
    expect(await handler(event)).toMatchObject({ statusCode: 200, body: '{"status":"accepted"}' });
    expect(await sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
  });

  it("a load balancer with multi-value headers gets such headers back", async () => {
    const event = { httpMethod: "POST", multiValueHeaders: lists, ...text, requestContext: { elb: {} } };
    const { statusCode, multiValueHeaders } = await lambda().handler(event);
    expect([statusCode, multiValueHeaders]).toEqual([200, { "content-type": ["application/json"] }]);
  });

  it.each<[string, object, number]>([
    ["a forged body", { headers, body: "{}", requestContext: { http: { method: "POST" } } }, 401],
    ["GET", { headers, requestContext: { http: { method: "GET" } } }, 405],
    ["no body", { httpMethod: "POST", headers: {}, body: null }, 401],
  ])("%s is refused", async (_, event, status) => {
    expect((await lambda().handler(event)).statusCode).toBe(status);
  });
});

it("receiveAndHandle handles the event before it answers", async () => {
  let handled = 0;
  const handle = async () => void handled++;
  const inbox = createInbox({ store: memoryStore(), on: { CONVERSATION_COMPLETED: handle } });
  const receiver = createReceiver({ secret, inbox });
  const { receiveAndHandle } = fromPage("function receiveAndHandle", {});
  const receive = receiveAndHandle as (receiver: Receiver, delivery: Delivery) => Promise<Reply>;
  const reply = await receive(receiver, { method: "POST", headers, body: Buffer.from(body) });
  expect([reply.status, handled]).toEqual([200, 1]);
});
