import crypto from "node:crypto";
import { verify as octokit } from "@octokit/webhooks-methods";
import { verifySignature } from "@popp-webhooks/core";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as Svix } from "svix";
import { compare, type Subject } from "./compare.ts";
import { ofSize, SECRET, sign } from "./deliveries.ts";
import { type Result, ratio } from "./result.ts";

/** For peers that need a base64 secret and a current timestamp. */
const BASE64_SECRET = Buffer.from(SECRET).toString("base64");
const NOW = Math.floor(Date.now() / 1000);

/** The target ratio to createHmac, by size. There is none above 8 KB, where hashing takes nearly all of the time. */
const SIZES: readonly [size: string, bytes: number, atMost: number][] = [
  ["350 B", 350, 0.65],
  ["2 KB", 2_048, 0.75],
];

export async function verify(rounds: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const [size, bytes, atMost] of SIZES) {
    const timings = await compare(subjects(bytes), rounds);
    results.push(
      ratio(`verifySignature, ${size}`, timings.ours, "createHmac + timingSafeEqual", timings.floor, atMost),
    );
    for (const peer of ["octokit", "stripe", "svix", "standardwebhooks"] as const) {
      results.push(ratio(`verifySignature, ${size}`, timings.ours, peer, timings[peer], 1));
    }
  }
  return results;
}

function subjects(bytes: number) {
  const deliveries = ofSize(bytes);
  const standard = deliveries.map(({ body }, at) => {
    const id = `msg_${at}`;
    const signature = crypto.createHmac("sha256", SECRET).update(`${id}.${NOW}.${body}`).digest("base64");
    return { text: body.toString(), svix: headers("svix", id, signature), webhook: headers("webhook", id, signature) };
  });
  const stripeHeaders = deliveries.map(({ body }) => `t=${NOW},v1=${sign(`${NOW}.${body}`)}`);
  const texts = deliveries.map(({ body }) => body.toString());
  const { signature: stripe } = new Stripe("sk_test_none").webhooks;
  if (stripe === null || stripe === undefined) throw new Error("expected stripe to have a signature check");
  const svix = new Svix(BASE64_SECRET);
  const standardWebhook = new StandardWebhook(BASE64_SECRET);
  const options = { secret: SECRET };
  const each =
    (work: (at: number) => unknown): Subject =>
    (times) => {
      for (let at = 0; at < times; at++) work(at % deliveries.length);
    };
  const eachAsync =
    (work: (at: number) => Promise<unknown>): Subject =>
    async (times) => {
      for (let at = 0; at < times; at++) await work(at % deliveries.length);
    };
  const delivery = (at: number) => deliveries[at] ?? { body: Buffer.alloc(0), signature: "" };

  return {
    floor: each((at) => {
      const { body, signature } = delivery(at);
      const digest = crypto.createHmac("sha256", SECRET).update(body).digest();
      if (!crypto.timingSafeEqual(digest, Buffer.from(signature, "hex"))) throw new Error("expected a match");
    }),
    ours: eachAsync((at) => verifySignature(delivery(at), options)),
    octokit: eachAsync((at) => octokit(SECRET, texts[at] ?? "", `sha256=${delivery(at).signature}`)),
    stripe: each((at) => stripe.verifyHeader(texts[at] ?? "", stripeHeaders[at] ?? "", SECRET, 1_000_000)),
    svix: each((at) => svix.verify(standard[at]?.text ?? "", standard[at]?.svix ?? {})),
    standardwebhooks: each((at) => standardWebhook.verify(standard[at]?.text ?? "", standard[at]?.webhook ?? {})),
  } satisfies Record<string, Subject>;
}

function headers(prefix: string, id: string, signature: string): Record<string, string> {
  return { [`${prefix}-id`]: id, [`${prefix}-timestamp`]: `${NOW}`, [`${prefix}-signature`]: `v1,${signature}` };
}
