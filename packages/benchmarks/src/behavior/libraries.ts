import { createHmac } from "node:crypto";
import { createWebMiddleware, Webhooks } from "@octokit/webhooks";
import { createReceiver, verifySignature } from "@popp-webhooks/core";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as Svix } from "svix";

/** What a library does with a signed body. Each resolves when the body is accepted, and rejects when it is refused. */
export interface Library {
  readonly name: string;
  /** Verifies `body` with a signature of `signed`, in the library's own scheme. */
  readonly verify: (body: Buffer, signed: Buffer, secret?: string) => Promise<unknown>;
  /** Verifies a delivery as Popp's documents show it, with nothing but `x-signature`. */
  readonly verifyPopp: (body: Buffer, signature: string) => Promise<unknown>;
  /** Verifies a body that is signed with the second of two secrets. */
  readonly verifyWithTwo: (body: Buffer, first: string, second: string) => Promise<unknown>;
  /** Answers a delivery with a wrong signature by its own endpoint, if it has one. */
  readonly refuse?: (body: Buffer) => Promise<unknown>;
}

/** A secret that all libraries take: some want it in base64. */
export const SECRET = Buffer.from("a-signing-secret-of-forty-characters-long").toString("base64");
const NOW = Math.floor(Date.now() / 1_000);

const hex = (body: Buffer, secret: string) => createHmac("sha256", secret).update(body).digest("hex");

const ours: Library = {
  name: "popp-webhooks",
  verify: (body, signed, secret = SECRET) => verifySignature({ body, signature: hex(signed, SECRET) }, { secret }),
  verifyPopp: (body, signature) => verifySignature({ body, signature }, { secret: SECRET }),
  verifyWithTwo: (body, first, second) =>
    verifySignature({ body, signature: hex(body, second) }, { secret: [first, second] }),
  refuse: (body) => matchedSecret(body, [SECRET], "another"),
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Through its middleware, which decodes the body to text. */
async function sendToOctokit(body: Buffer, signature: string, secrets: readonly string[], options = {}): Promise<void> {
  const [secret = "", ...additionalSecrets] = secrets;
  const webhooks = new Webhooks({ secret, additionalSecrets, log: silent, ...options });
  webhooks.onError(() => {});
  const receive = createWebMiddleware(webhooks, { path: "/", log: silent, ...options });
  const headers = {
    "content-type": "application/json",
    "x-hub-signature-256": signature,
    "x-github-event": "push",
    "x-github-delivery": "1",
  };
  const { status } = await receive(
    new Request("http://localhost/", { method: "POST", body: new Uint8Array(body), headers }),
  );
  if (status !== 200) throw new Error(`refused: ${status}`);
}

const octokit: Library = {
  name: "octokit",
  verify: (body, signed, secret = SECRET) => sendToOctokit(body, `sha256=${hex(signed, SECRET)}`, [secret]),
  verifyPopp: (body, signature) => sendToOctokit(body, signature, [SECRET]),
  verifyWithTwo: (body, first, second) => sendToOctokit(body, `sha256=${hex(body, second)}`, [first, second]),
  refuse: (body) => sendToOctokit(body, `sha256=${hex(body, "another")}`, [SECRET], { log: undefined }),
};

const { webhooks } = new Stripe("sk_test_none");
const stripeHeader = (body: Buffer, secret: string) =>
  `t=${NOW},v1=${hex(Buffer.concat([Buffer.from(`${NOW}.`), body]), secret)}`;

const stripe: Library = {
  name: "stripe",
  verify: async (body, signed, secret = SECRET) => webhooks.constructEvent(body, stripeHeader(signed, SECRET), secret),
  verifyPopp: async (body, signature) => webhooks.constructEvent(body, signature, SECRET),
  // Its types have no list of secrets.
  verifyWithTwo: async (body, first, second) =>
    webhooks.constructEvent(body, stripeHeader(body, second), [first, second] as unknown as string),
};

/** Svix and Standard Webhooks share a scheme, with other names of headers. */
function signedHeaders(prefix: string, body: Buffer, secret: string): Record<string, string> {
  const signature = createHmac("sha256", Buffer.from(secret, "base64"))
    .update(Buffer.concat([Buffer.from(`msg_1.${NOW}.`), body]))
    .digest("base64");
  return { [`${prefix}-id`]: "msg_1", [`${prefix}-timestamp`]: `${NOW}`, [`${prefix}-signature`]: `v1,${signature}` };
}

interface Verifier {
  verify(body: Buffer, headers: Record<string, string>): unknown;
}

function ofScheme(name: string, prefix: string, make: (secret: string) => Verifier): Library {
  return {
    name,
    verify: async (body, signed, secret = SECRET) => make(secret).verify(body, signedHeaders(prefix, signed, SECRET)),
    verifyPopp: async (body, signature) => make(SECRET).verify(body, { "x-signature": signature }),
    // Their types have no list of secrets.
    verifyWithTwo: async (body, first, second) =>
      make([first, second] as unknown as string).verify(body, signedHeaders(prefix, body, second)),
  };
}

/** The libraries that verify signatures. */
export const libraries: readonly Library[] = [
  ours,
  octokit,
  stripe,
  ofScheme("svix", "svix", (secret) => new Svix(secret)),
  ofScheme("Standard Webhooks", "webhook", (secret) => new StandardWebhook(secret)),
];

/** Verifies through the receiver, and tells which of the secrets matched. */
export async function matchedSecret(body: Buffer, secrets: readonly string[], signedBy: string): Promise<unknown> {
  let matched: unknown;
  const receiver = createReceiver({
    secret: secrets,
    on: {},
    onDelivery: (_outcome, { secretIndex }) => {
      matched = secretIndex;
    },
  });
  await receiver.receive({ method: "POST", headers: { "x-signature": hex(body, signedBy) }, body });
  return matched;
}
