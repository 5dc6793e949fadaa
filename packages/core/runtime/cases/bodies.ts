import type { Case } from "../case.ts";
import { codeOf } from "../code-of.ts";
import { pieces, post } from "../delivery.ts";
import { equal } from "../equal.ts";
import { SECRET, sign } from "../sign.ts";

const MIB = 1_048_576;
const options = { secret: SECRET };
const bytesOf = (text: string) => new TextEncoder().encode(text);

const sizes = [0, 65_535, 65_536, 65_537, MIB].map(
  (size): Case => ({
    name: `verifies a body of ${size} bytes, whole and as a stream`,
    run: async (core) => {
      const body = new Uint8Array(size).fill(0x61);
      const signature = await sign(body);
      equal(new Uint8Array(await core.verifySignature({ body, signature }, options)), body);
      equal(new Uint8Array(await core.verifySignature(post(body, signature), options)), body);
      const halves = [body.subarray(0, size / 2), body.subarray(size / 2)].filter((half) => half.length > 0);
      equal(new Uint8Array(await core.verifySignature(post(pieces(halves), signature), options)), body);
      const other = await sign(`${size}`);
      equal(await codeOf(core, () => core.verifySignature({ body, signature: other }, options)), "SIGNATURE_MISMATCH");
    },
  }),
);

export const bodies: readonly Case[] = [
  ...sizes,
  {
    name: "covers the exact bytes: a byte order mark counts, and so does a byte that is no UTF-8",
    run: async (core) => {
      const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf("{}"));
      const broken = Uint8Array.of(...bytesOf("{}"), 0xff);
      for (const body of [marked, broken]) {
        equal(new Uint8Array(await core.verifySignature(post(body, await sign(body)), options)), body);
        const signature = await sign(new TextDecoder().decode(body));
        equal(await codeOf(core, () => core.verifySignature(post(body, signature), options)), "SIGNATURE_MISMATCH");
      }
    },
  },
  {
    name: "refuses a body that is one byte over the limit",
    run: async (core) => {
      const body = new Uint8Array(MIB + 1);
      const signature = await sign(body);
      equal(await codeOf(core, () => core.verifySignature({ body, signature }, options)), "BODY_TOO_LARGE");
      equal(await codeOf(core, () => core.verifySignature(post(body, signature), options)), "BODY_TOO_LARGE");
      const small = { ...options, maxBytes: 2 };
      equal(await codeOf(core, () => core.verifySignature({ body: "{ }", signature }, small)), "BODY_TOO_LARGE");
    },
  },
  {
    name: "answers 413 while the rest of the body is still to come",
    run: async (core) => {
      const { fetch } = core.createReceiver({ secret: SECRET, on: {}, maxBytes: 3, bodyTimeoutMs: 60_000 });
      const body = pieces([bytesOf("12"), bytesOf("34")], { ends: false });
      equal((await fetch(post(body, await sign("1234")))).status, 413);
    },
  },
  {
    name: "joins a body that arrives slowly and in pieces",
    run: async ({ verifySignature }) => {
      const body = pieces(["{", '"a"', ":", "1}"].map(bytesOf), { pauseMs: 2 });
      equal(new TextDecoder().decode(await verifySignature(post(body, await sign('{"a":1}')), options)), '{"a":1}');
    },
  },
  {
    name: "gives up on a body that does not end",
    run: async (core) => {
      const stuck = async () => post(pieces([bytesOf("{")], { ends: false }), await sign("{"));
      const hurried = { ...options, bodyTimeoutMs: 30 };
      const request = await stuck();
      equal(await codeOf(core, () => core.verifySignature(request, hurried)), "BODY_TIMEOUT");
      equal((await core.createReceiver({ ...hurried, on: {} }).fetch(await stuck())).status, 408);
    },
  },
  {
    name: "refuses a body that somebody has read or parsed",
    run: async (core) => {
      const read = post("{}", await sign("{}"));
      await read.text();
      equal(await codeOf(core, () => core.verifySignature(read, options)), "BODY_CONSUMED");
      equal((await core.createReceiver({ ...options, on: {} }).fetch(read)).status, 500);
      const locked = post("{}", await sign("{}"));
      locked.body?.getReader();
      equal(await codeOf(core, () => core.verifySignature(locked, options)), "BODY_CONSUMED");
    },
  },
];
