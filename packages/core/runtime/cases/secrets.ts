import type { Case } from "../case.ts";
import { codeOf } from "../code-of.ts";
import { equal } from "../equal.ts";
import { SECRET, sign } from "../sign.ts";

const body = "{}";

export const secrets: readonly Case[] = [
  {
    name: "takes any of several secrets",
    run: async (core) => {
      const secret = ["old", "new", "newer"];
      for (const one of secret) {
        await core.verifySignature({ body, signature: await sign(body, one) }, { secret });
      }
      const signature = await sign(body, "another");
      equal(await codeOf(core, () => core.verifySignature({ body, signature }, { secret })), "SIGNATURE_MISMATCH");
    },
  },
  {
    name: "asks a secret function, sync or async, for one secret or several",
    run: async ({ verifySignature }) => {
      const signature = await sign(body);
      const given = [() => SECRET, () => ["old", SECRET], async () => SECRET, async () => ["old", SECRET]];
      for (const secret of given) await verifySignature({ body, signature }, { secret });
    },
  },
  {
    name: "fails closed on a secret that is blank, absent or cannot be had",
    run: async (core) => {
      const signature = await sign(body);
      const fails = () => {
        throw new Error("vault is down");
      };
      const none = [
        "",
        " \n",
        "undefined",
        [],
        ["", " ", "undefined", null],
        () => undefined,
        () => null,
        async () => " ",
        fails,
        async () => fails(),
      ];
      for (const secret of none) {
        equal(await codeOf(core, () => core.verifySignature({ body, signature }, { secret })), "SECRET_MISSING");
      }
    },
  },
  {
    name: "tells more secrets apart than it keeps ready",
    run: async (core) => {
      for (let at = 0; at < 200; at++) {
        const signature = await sign(body, `tenant ${at % 100}`);
        await core.verifySignature({ body, signature }, { secret: `tenant ${at % 100}` });
        const other = { secret: `tenant ${(at + 1) % 100}` };
        equal(await codeOf(core, () => core.verifySignature({ body, signature }, other)), "SIGNATURE_MISMATCH");
      }
    },
  },
  {
    name: "keeps many verifications at once apart",
    run: async (core) => {
      const outcomes = Array.from({ length: 40 }, async (_, at) => {
        const sent = `{"at":${at}}`;
        const signature = await sign(at % 2 ? sent : `${sent} `, `tenant ${at}`);
        return codeOf(core, () =>
          core.verifySignature({ body: sent, signature }, { secret: async () => `tenant ${at}` }),
        );
      });
      const expected = Array.from({ length: 40 }, (_, at) => (at % 2 ? "none" : "SIGNATURE_MISMATCH"));
      equal(await Promise.all(outcomes), expected);
    },
  },
];
