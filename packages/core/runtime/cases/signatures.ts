import type { Case } from "../case.ts";
import { codeOf } from "../code-of.ts";
import { post } from "../delivery.ts";
import { equal } from "../equal.ts";
import { inBase64, SECRET, sign } from "../sign.ts";

const body = '{"event":"CONVERSATION_STARTED"}';
const options = { secret: SECRET };
const wrong = "0".repeat(64);

const spellings: Readonly<Record<string, (hex: string) => string>> = {
  "in hex": (hex) => hex,
  "in upper-case hex": (hex) => hex.toUpperCase(),
  "in hex after sha256=": (hex) => `sha256=${hex}`,
  "in base64": inBase64,
  "in base64 without padding": (hex) => inBase64(hex).replace("=", ""),
  "in base64url": (hex) => inBase64(hex).replaceAll("+", "-").replaceAll("/", "_"),
  "in base64url after sha256=, without padding": (hex) =>
    `sha256=${inBase64(hex).replaceAll("+", "-").replaceAll("/", "_").replace("=", "")}`,
};

const spelled = Object.entries(spellings).map(
  ([name, spell]): Case => ({
    name: `takes a signature ${name}`,
    run: async (core) => {
      const signature = spell(await sign(body));
      await core.verifySignature({ body, signature }, options);
      await core.verifySignature(post(body, signature), options);
      const forged = spell(await sign(`${body} `));
      equal(await codeOf(core, () => core.verifySignature({ body, signature: forged }, options)), "SIGNATURE_MISMATCH");
    },
  }),
);

export const signatures: readonly Case[] = [
  {
    name: "gives the bytes of a genuine Request",
    run: async ({ verifySignature }) => {
      const verified = await verifySignature(post(body, await sign(body)), options);
      equal(new Uint8Array(verified), new TextEncoder().encode(body));
    },
  },
  {
    name: "takes a body as text, bytes, a view into more bytes or an ArrayBuffer",
    run: async ({ verifySignature }) => {
      const bytes = new TextEncoder().encode(body);
      const view = new TextEncoder().encode(`..${body}..`).subarray(2, -2);
      const signature = await sign(body);
      for (const form of [body, bytes, view, bytes.buffer]) {
        equal(new Uint8Array(await verifySignature({ body: form, signature }, options)), bytes);
      }
    },
  },
  ...spelled,
  {
    name: "tells a malformed signature from a wrong one",
    run: async (core) => {
      const hex = await sign(body);
      const malformed = [
        hex.slice(1),
        `${hex}0`,
        hex.replace(/^./, "g"),
        `sha512=${hex}`,
        inBase64(hex).slice(2),
        "é",
        "===",
      ];
      for (const signature of malformed) {
        equal(await codeOf(core, () => core.verifySignature({ body, signature }, options)), "SIGNATURE_MALFORMED");
      }
      equal(await codeOf(core, () => core.verifySignature({ body, signature: wrong }, options)), "SIGNATURE_MISMATCH");
    },
  },
  {
    name: "misses a signature that is absent or empty",
    run: async (core) => {
      for (const signature of [null, undefined, "", " , ", []]) {
        equal(await codeOf(core, () => core.verifySignature({ body, signature }, options)), "SIGNATURE_MISSING");
      }
      const request = new Request("http://localhost/", { method: "POST", body });
      equal(await codeOf(core, () => core.verifySignature(request, options)), "SIGNATURE_MISSING");
    },
  },
  {
    name: "looks at eight signatures of a repeated header, and at no ninth",
    run: async (core) => {
      const genuine = await sign(body);
      const after = (count: number) => {
        const request = post(body, wrong);
        for (let at = 1; at < count; at++) request.headers.append("x-signature", wrong);
        request.headers.append("x-signature", genuine);
        return request;
      };
      await core.verifySignature(after(7), options);
      equal(await codeOf(core, () => core.verifySignature(after(8), options)), "SIGNATURE_MISMATCH");
    },
  },
  {
    name: "finds the genuine one among several signatures given as a list",
    run: async ({ verifySignature }) => {
      await verifySignature({ body, signature: ["nonsense", wrong, await sign(body)] }, options);
    },
  },
  {
    name: "reads another header and other signed bytes when the scheme says so",
    run: async ({ verifySignature }) => {
      const scheme = {
        header: "X-Other",
        signedContent: (bytes: Uint8Array, header: (name: string) => string | null) =>
          `${header("x-sent-at")}.${new TextDecoder().decode(bytes)}`,
      };
      const headers = { "x-other": await sign(`42.${body}`), "x-sent-at": "42" };
      await verifySignature(post(body, wrong, headers), { ...options, scheme });
    },
  },
];
