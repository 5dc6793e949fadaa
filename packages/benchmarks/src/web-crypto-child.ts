/** Hides node:crypto from core and prints the timings of its WebCrypto path and of the floor. */
import { compare } from "./compare.ts";
import { ofSize, SECRET } from "./deliveries.ts";

Object.defineProperty(process, "getBuiltinModule", { value: undefined });
const { verifySignature } = await import("@popp-webhooks/core");

const deliveries = ofSize(350);
const delivery = (at: number) => deliveries[at % deliveries.length] ?? { body: Buffer.alloc(0), signature: "" };
const bytes = deliveries.map(({ body }) => Uint8Array.from(body));
const key = await crypto.subtle.importKey(
  "raw",
  new TextEncoder().encode(SECRET),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["sign"],
);

const timings = await compare(
  {
    floor: async (times) => {
      for (let at = 0; at < times; at++)
        await crypto.subtle.sign("HMAC", key, bytes[at % bytes.length] ?? new Uint8Array());
    },
    ours: async (times) => {
      for (let at = 0; at < times; at++) await verifySignature(delivery(at), { secret: SECRET });
    },
  },
  Number(process.argv[2]),
  "wall",
);
process.stdout.write(JSON.stringify(timings));
