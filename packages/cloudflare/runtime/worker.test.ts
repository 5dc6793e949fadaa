import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { createReceiver, type Inbox, type PoppEvent } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { toWorker, type WebhookWorker } from "../src/worker.ts";

interface Env {
  readonly POPP_WEBHOOK_SECRET: string;
}

const live: Env = { POPP_WEBHOOK_SECRET: "a secret of ours" };
const test: Env = { POPP_WEBHOOK_SECRET: "another secret of ours" };

/** A delivery that is signed with the secret of an environment. */
async function signedWith({ POPP_WEBHOOK_SECRET }: Env, eventId: string = crypto.randomUUID()): Promise<Request> {
  const body = new TextEncoder().encode(JSON.stringify({ event: "SOMETHING_NEW", eventId, data: { a: 1 } }));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const secret = new TextEncoder().encode(POPP_WEBHOOK_SECRET);
  const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const signature = Array.from(new Uint8Array(await crypto.subtle.sign("HMAC", key, body)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return new Request("https://worker.example/", { method: "POST", body, headers: { "x-signature": signature } });
}

async function answer(worker: WebhookWorker<Env>, request: Request, env: Env): Promise<unknown> {
  const ctx = createExecutionContext();
  const response = await worker.fetch(request, env, ctx);
  await waitOnExecutionContext(ctx);
  return { httpStatus: response.status, ...(await response.json<object>()) };
}

describe("the receiver", () => {
  it("is created once per environment, with the first request and its secret", async () => {
    const made: Env[] = [];
    const worker = toWorker((env: Env) => {
      made.push(env);
      return createReceiver({ secret: env.POPP_WEBHOOK_SECRET, on: {} });
    });
    expect(made).toEqual([]);

    expect(await answer(worker, await signedWith(live), live)).toMatchObject({ httpStatus: 200 });
    expect(await answer(worker, await signedWith(live), test)).toMatchObject({ httpStatus: 401 });
    expect(await answer(worker, await signedWith(test), test)).toMatchObject({ httpStatus: 200 });
    expect(await answer(worker, await signedWith(live), live)).toMatchObject({ httpStatus: 200 });
    expect(made).toEqual([live, test]);
  });

  it("remembers deliveries in flight across requests", async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const seen: PoppEvent[] = [];
    const worker = toWorker((env: Env) =>
      createReceiver({
        secret: env.POPP_WEBHOOK_SECRET,
        on: {
          UNRECOGNIZED: (event) => {
            seen.push(event);
            return finished;
          },
        },
      }),
    );

    const first = answer(worker, await signedWith(live, "the same event"), live);
    expect(await answer(worker, await signedWith(live, "the same event"), live)).toMatchObject({
      error: { code: "DELIVERY_BUSY" },
    });
    finish();
    expect(await first).toMatchObject({ httpStatus: 200 });
    expect(seen).toHaveLength(1);
  });
});

it("passes waitUntil bound to its context, because workerd rejects a detached one", async () => {
  let done = false;
  const inbox: Inbox = {
    deliver: async (_delivery, _event, context) => {
      context.waitUntil?.(
        new Promise((resolve) => setTimeout(resolve, 20)).then(() => {
          done = true;
        }),
      );
      return { status: "accepted" };
    },
    reject: async () => {},
  };
  const worker = toWorker((env: Env) => createReceiver({ secret: env.POPP_WEBHOOK_SECRET, inbox }));
  const ctx = createExecutionContext();

  const response = await worker.fetch(await signedWith(live), live, ctx);

  expect([response.status, done]).toEqual([200, false]);
  await waitOnExecutionContext(ctx);
  expect(done).toBe(true);
});

it.each([
  ["announced", "length"],
  ["in chunks", "chunked"],
])("refuses a body over the limit, %s", async (_, framing) => {
  const worker = toWorker((env: Env) => createReceiver({ secret: env.POPP_WEBHOOK_SECRET, maxBytes: 4, on: {} }));
  const bytes = new TextEncoder().encode("12345");
  const body = framing === "length" ? bytes : new Blob([bytes]).stream();
  const request = new Request("https://worker.example/", { method: "POST", body });

  expect(await answer(worker, request, live)).toMatchObject({ httpStatus: 413, error: { code: "BODY_TOO_LARGE" } });
});

it("answers every refused delivery through the receiver", async () => {
  const worker = toWorker((env: Env) => createReceiver({ secret: env.POPP_WEBHOOK_SECRET, on: {} }));
  const consumed = await signedWith(live);
  await consumed.text();

  expect(await answer(worker, consumed, live)).toMatchObject({ httpStatus: 500, error: { code: "BODY_CONSUMED" } });
  expect(await answer(worker, new Request("https://worker.example/"), live)).toMatchObject({ httpStatus: 405 });
});
