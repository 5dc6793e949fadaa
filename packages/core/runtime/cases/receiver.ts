import type { Case } from "../case.ts";
import { deliver, post, started } from "../delivery.ts";
import { equal } from "../equal.ts";
import { SECRET, sign } from "../sign.ts";

export const receiver: readonly Case[] = [
  {
    name: "hands a genuine event to its handler, and answers a repeat without it",
    run: async ({ createReceiver }) => {
      const seen: unknown[] = [];
      const { fetch } = createReceiver({
        secret: SECRET,
        on: { CONVERSATION_STARTED: (event, { idempotencyKey }) => seen.push(event, idempotencyKey) },
      });
      const first = await fetch(await deliver(started("r1")));
      equal([first.status, await first.text()], [200, '{"status":"handled"}']);
      const second = await fetch(await deliver(started("r1")));
      equal([second.status, await second.text()], [200, '{"status":"duplicate"}']);
      equal(seen, [started("r1"), "r1"]);
    },
  },
  {
    name: "answers an event without a handler, and calls UNRECOGNIZED for a new one",
    run: async ({ createReceiver }) => {
      const names: string[] = [];
      const { fetch } = createReceiver({ secret: SECRET, on: { UNRECOGNIZED: (event) => names.push(event.name) } });
      equal(await (await fetch(await deliver(started("r2")))).text(), '{"status":"unhandled"}');
      equal((await fetch(await deliver({ ...started("r3"), event: "NEW_THING" }))).status, 200);
      equal(names, ["NEW_THING"]);
    },
  },
  {
    name: "knows an event without an id by the SHA-256 of its body",
    run: async ({ createReceiver }) => {
      const keys: string[] = [];
      const { fetch } = createReceiver({
        secret: SECRET,
        on: { UNRECOGNIZED: (_, { idempotencyKey }) => keys.push(idempotencyKey) },
      });
      for (let times = 0; times < 2; times++) await fetch(await deliver({ event: "X", data: {} }));
      equal(keys, ["sha256:d081a48b40aa396e7dcbc1f3c09d5491c4f9335f9b9fe76c0a318b735d97d325"]);
    },
  },
  {
    name: "holds a concurrent duplicate back with 503 and retry-after",
    run: async ({ createReceiver }) => {
      let runs = 0;
      const gate = openable();
      const { fetch } = createReceiver({
        secret: SECRET,
        on: {
          CONVERSATION_STARTED: () => {
            runs++;
            return gate.opened;
          },
        },
      });
      const [one, other] = [await deliver(started("r4")), await deliver(started("r4"))];
      const answers = [fetch(one), fetch(other)];
      const early = await Promise.race(answers);
      equal([early.status, Number(early.headers.get("retry-after")) > 0], [503, true]);
      gate.open();
      equal((await Promise.all(answers)).map(({ status }) => status).sort(), [200, 503]);
      equal(runs, 1);
    },
  },
  {
    name: "answers 500 when a handler fails, and lets the event be sent again",
    run: async ({ createReceiver }) => {
      let runs = 0;
      const causes: unknown[] = [];
      const { fetch } = createReceiver({
        secret: SECRET,
        on: {
          CONVERSATION_STARTED: async () => {
            if (++runs === 1) throw new Error("database is down");
          },
        },
        onError: ({ code, cause }) => causes.push(code, cause instanceof Error && cause.message),
      });
      const failed = await fetch(await deliver(started("r5")));
      equal([failed.status, (await failed.json()).error.code], [500, "HANDLER_FAILED"]);
      equal((await fetch(await deliver(started("r5")))).status, 200);
      equal([runs, causes], [2, ["HANDLER_FAILED", "database is down"]]);
    },
  },
  {
    name: "aborts a handler that takes too long, and keeps its event busy until it settles",
    run: async ({ createReceiver, isWebhookError }) => {
      const gate = openable();
      const late: Promise<unknown>[] = [];
      const context = { waitUntil: (promise: Promise<unknown>) => void late.push(promise) };
      const reasons: boolean[] = [];
      const { fetch } = createReceiver({
        secret: SECRET,
        handlerTimeoutMs: 20,
        on: {
          CONVERSATION_STARTED: (_, { signal }) => {
            signal.addEventListener("abort", () => reasons.push(isWebhookError(signal.reason, "HANDLER_FAILED")));
            return gate.opened;
          },
        },
      });
      equal((await fetch(await deliver(started("r6")), context)).status, 500);
      equal(reasons, [true]);
      let isOver = false;
      const ending = Promise.all(late).then(() => {
        isOver = true;
      });
      equal((await fetch(await deliver(started("r6")))).status, 503);
      equal(isOver, false);
      gate.open();
      await ending;
      equal(await (await fetch(await deliver(started("r6")))).text(), '{"status":"duplicate"}');
    },
  },
  {
    name: "refuses a forged delivery with 401, and tells nothing but the code and a sentence",
    run: async ({ createReceiver }) => {
      const { fetch } = createReceiver({ secret: SECRET, on: {} });
      const body = JSON.stringify({ ...started("r7"), data: { recordId: "a candidate" } });
      const answer = await fetch(post(body, await sign(body, "another")));
      const text = await answer.text();
      equal([answer.status, answer.headers.get("content-type")], [401, "application/json"]);
      equal(JSON.parse(text).error.code, "SIGNATURE_MISMATCH");
      equal([text.includes(SECRET), text.includes("a candidate")], [false, false]);
    },
  },
  {
    name: "takes POST only and no content-encoding",
    run: async ({ createReceiver }) => {
      const { fetch } = createReceiver({ secret: SECRET, on: {} });
      const got = await fetch(new Request("http://localhost/"));
      equal([got.status, got.headers.get("allow")], [405, "POST"]);
      const zipped = post("{}", await sign("{}"), { "content-encoding": "gzip" });
      equal((await fetch(zipped)).status, 415);
    },
  },
  {
    name: "answers a delivery that comes without a Request",
    run: async ({ createReceiver }) => {
      const { receive } = createReceiver({ secret: SECRET, on: {} });
      const body = JSON.stringify(started("r8"));
      const chunks = async function* () {
        for (const part of [body.slice(0, 9), body.slice(9)]) yield new TextEncoder().encode(part);
      };
      const headers = { "X-Signature": await sign(body) };
      equal(await receive({ method: "POST", headers, body: chunks() }), {
        status: 200,
        headers: { "content-type": "application/json" },
        body: '{"status":"unhandled"}',
      });
    },
  },
  {
    name: "knows a WebhookError by its name and code, and nothing else",
    run: async ({ isWebhookError, WebhookError, createReceiver }) => {
      const error = new WebhookError("STORE_UNAVAILABLE", "down", { cause: 1 });
      equal([isWebhookError(error), isWebhookError(error, "STORE_UNAVAILABLE"), error.status], [true, true, 503]);
      equal(
        [isWebhookError(error, "INTERNAL"), isWebhookError(new Error("x")), isWebhookError(null)],
        [false, false, false],
      );
      const copy = (code: string) => Object.assign(new Error("of another copy"), { name: "WebhookError", code });
      equal([isWebhookError(copy("INTERNAL")), isWebhookError(copy("NO_SUCH_CODE"))], [true, false]);
      equal([error instanceof Error, error.name, error.cause], [true, "WebhookError", 1]);
      try {
        createReceiver({ secret: SECRET, on: {}, maxBytes: 0 });
      } catch (thrown) {
        return equal(isWebhookError(thrown, "CONFIG_INVALID"), true);
      }
      throw new Error("options that cannot work were taken");
    },
  },
];

/** A promise that is opened from outside. */
function openable(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
