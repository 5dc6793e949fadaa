import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Catalog } from "./event.ts";
import { createReceiver } from "./receiver.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";
import { verifySignature } from "./verify-signature.ts";
import type { WebhookError } from "./webhook-error.ts";

const secret = "SECRET-hunter2-hunter2";
const personal = "PERSONAL-amara-okafor";
const body = JSON.stringify({
  event: "CONVERSATION_STARTED",
  eventId: "e",
  eventTimestamp: "2020-01-01T00:00:00Z",
  data: { recordId: "r", organizationId: "o", note: personal },
});
const sign = (text: string | Uint8Array) => createHmac("sha256", secret).update(text).digest("hex");
const forged = "f0".repeat(32);

const printed: string[] = [];
beforeEach(() => {
  printed.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  }
});
afterEach(() => vi.restoreAllMocks());

type Options = Partial<CreateReceiverOptions<Catalog>>;
const broken = `{"event":"${personal}"`;
const wrong = JSON.stringify({ event: 5, data: personal });
const fail = () => {
  throw new Error(`handler knows ${personal}`);
};

/** A refusal of each code, staged with a secret, a signature and a body that must not be seen again. */
const refusals: [
  string,
  Options,
  { method?: string; signature?: string; body?: string; headers?: Record<string, string> },
][] = [
  ["METHOD_NOT_ALLOWED", {}, { method: "PUT" }],
  ["ENCODING_UNSUPPORTED", {}, { headers: { "content-encoding": "gzip" } }],
  ["BODY_TOO_LARGE", { maxBytes: 5 }, {}],
  ["SIGNATURE_MALFORMED", {}, { signature: forged.slice(1) }],
  ["SIGNATURE_MISMATCH", {}, { signature: forged }],
  ["EVENT_STALE", { maxAgeSeconds: 1 }, {}],
  ["PAYLOAD_MALFORMED", {}, { body: broken }],
  ["PAYLOAD_INVALID", {}, { body: wrong }],
  ["HANDLER_FAILED", { on: { CONVERSATION_STARTED: fail } }, {}],
  ["SECRET_MISSING", { secret: [secret, ""] }, {}],
  ["INTERNAL", { scheme: { signedContent: fail } }, {}],
];

describe("no secret, signature or text of the body leaves", () => {
  it.each(refusals)(
    "with %s",
    async (code, options, { method = "POST", body: sent = body, signature = sign(sent), headers = {} }) => {
      const told: WebhookError[] = [];
      const reports: unknown[] = [];
      const receiver = createReceiver({
        secret,
        on: {},
        onError: (error, report) => reports.push(report, told.push(error)),
        onDelivery: (outcome, report) => reports.push(outcome, report),
        ...options,
      } as CreateReceiverOptions<Catalog> & { catalog: Catalog });
      const reply = await receiver.receive({ method, headers: { "x-signature": signature, ...headers }, body: sent });
      expect(told.map((error) => error.code)).toEqual([code]);
      const seen = [
        JSON.stringify(reply),
        JSON.stringify(reports),
        ...told.map((error) => `${error.message} ${JSON.stringify(error.issues)} ${error.stack?.split("\n    at")[0]}`),
        ...printed,
      ].join();
      for (const hidden of [secret, signature, sign(sent), forged, personal]) expect(seen).not.toContain(hidden);
    },
  );

  it("with an error of verifySignature", async () => {
    const error: unknown = await verifySignature({ body, signature: forged }, { secret }).catch(
      (caught: unknown) => caught,
    );
    const seen = `${error} ${JSON.stringify(error)} ${printed}`;
    for (const hidden of [secret, forged, sign(body), personal]) expect(seen).not.toContain(hidden);
  });

  it("and nothing is printed at all, whatever happens", async () => {
    const { receive } = createReceiver({ secret, on: { CONVERSATION_STARTED: () => {} } });
    await receive({ method: "POST", headers: { "x-signature": sign(body) }, body });
    expect(printed).toEqual([]);
  });
});
