import type { Case } from "../case.ts";
import { codeOf } from "../code-of.ts";
import { equal } from "../equal.ts";

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly body: string | Uint8Array;
  readonly signature: string;
}

/** RFC 4231's whose key is text, and is not blank as core sees it; the rest as `createHmac` of node:crypto computed them. */
const vectors: readonly Vector[] = [
  {
    name: "RFC 4231, test case 2",
    secret: "Jefe",
    body: "what do ya want for nothing?",
    signature: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  },
  {
    name: "RFC 4231, test case 4",
    secret: String.fromCharCode(...Array.from({ length: 25 }, (_, at) => at + 1)),
    body: new Uint8Array(50).fill(0xcd),
    signature: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  },
  {
    name: "a secret of 64 bytes, one block",
    secret: "s".repeat(64),
    body: "{}",
    signature: "f3239bb25077dc427273a677353eb2ec95447bb3df52e469dd226989de731749",
  },
  {
    name: "a secret of 65 bytes, which is hashed first",
    secret: "s".repeat(65),
    body: "{}",
    signature: "08eccab22890d39c5022550b31df230d25c221055a13faef6dc495ee10fa29b4",
  },
  {
    name: "a secret that is not ASCII",
    secret: "ключ 🔑 schlüssel",
    body: '{"name":"Zoë"}',
    signature: "e44616fe6348481f5088a49d1c50bd9eacc10b902eee4ae93cc162703369d650",
  },
  {
    name: "an empty body",
    secret: "the signing secret",
    body: "",
    signature: "6fb40505e27aeafd74d7015b8ce452f0504c49fb5dccfeeff20749fea2646d8d",
  },
  {
    name: "a body one byte over 64 KiB",
    secret: "the signing secret",
    body: "a".repeat(65_537),
    signature: "b9c4345943848dbf6feb6a0c97a42bf0b3caf0fab054d843de97d4ac5fbbe215",
  },
];

/** Cases that no signing of our own could make agree with a mistake of our own. */
export const knownAnswers: readonly Case[] = vectors.map(({ name, secret, body, signature }) => ({
  name: `verifies a known answer: ${name}`,
  run: async (core) => {
    await core.verifySignature({ body, signature }, { secret });
    const forged = signature.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
    equal(
      await codeOf(core, () => core.verifySignature({ body, signature: forged }, { secret })),
      "SIGNATURE_MISMATCH",
    );
  },
}));
