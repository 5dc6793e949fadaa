import { assumeVerified, parseEvent, verifySignature } from "@popp-webhooks/core";
import Stripe from "stripe";
import { compare } from "./compare.ts";
import { oneOfEach, SECRET, sign } from "./deliveries.ts";
import { type Result, ratio } from "./result.ts";

const NOW = Math.floor(Date.now() / 1000);

export async function parse(rounds: number): Promise<Result[]> {
  const bodies = oneOfEach.map(({ body }) => assumeVerified(body));
  const texts = oneOfEach.map(({ body }) => body.toString());
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const stripe = new Stripe("sk_test_none");
  const stripeHeaders = texts.map((text) => `t=${NOW},v1=${sign(`${NOW}.${text}`)}`);
  const options = { secret: SECRET };
  const delivery = (at: number) => oneOfEach[at % oneOfEach.length] ?? { body: Buffer.alloc(0), signature: "" };

  const timings = await compare(
    {
      decodeAndParse: (times) => {
        for (let at = 0; at < times; at++) JSON.parse(decoder.decode(bodies[at % bodies.length]));
      },
      parseText: (times) => {
        for (let at = 0; at < times; at++) JSON.parse(texts[at % texts.length] ?? "");
      },
      parseEvent: (times) => {
        for (let at = 0; at < times; at++) parseEvent(bodies[at % bodies.length] ?? assumeVerified(""));
      },
      both: async (times) => {
        for (let at = 0; at < times; at++) parseEvent(await verifySignature(delivery(at), options));
      },
      constructEvent: (times) => {
        for (let at = 0; at < times; at++)
          stripe.webhooks.constructEvent(
            texts[at % texts.length] ?? "",
            stripeHeaders[at % texts.length] ?? "",
            SECRET,
            1_000_000,
          );
      },
    },
    rounds,
  );
  return [
    ratio("parseEvent, all events", timings.parseEvent, "TextDecoder + JSON.parse", timings.decodeAndParse, 1.35),
    ratio("parseEvent, all events", timings.parseEvent, "JSON.parse of text that is decoded", timings.parseText),
    ratio(
      "verifySignature + parseEvent",
      timings.both,
      "stripe constructEvent, which validates nothing",
      timings.constructEvent,
      0.75,
    ),
  ];
}
