import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Scheme, verifySignature } from "../index.ts";

const secret = "the signing secret";
const encode = (text: string) => new TextEncoder().encode(text);
const sign = (content: string | Uint8Array) => createHmac("sha256", secret).update(content).digest("hex");

/** The example of the TSDoc, run as it stands there. */
function documented(): Scheme {
  const source = readFileSync(new URL("scheme.ts", import.meta.url), "utf8");
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(source) ?? [];
  const [, code = ""] = /Scheme = (\{[\s\S]*\});/.exec(example.replaceAll(/^ \* ?/gm, "")) ?? [];
  return new Function(`return ${code}`)() as Scheme;
}

describe("the documented scheme over bytes", () => {
  const body = encode('{"event":"X","data":{"note":"caf\u00e9 \ufffd\\r\\n"}}\r\n');
  const verify = (given: Uint8Array) => {
    const request = new Request("https://app.example", {
      method: "POST",
      body: new Uint8Array(given),
      headers: { "x-timestamp": "17", "x-signature": sign(Buffer.concat([encode("17."), body])) },
    });
    return verifySignature(request, { secret, scheme: documented() });
  };

  it("accepts correctly signed content", async () => {
    expect(await verify(body)).toEqual(body);
  });

  it.each<[string, Uint8Array]>([
    ["a byte order mark before them", Uint8Array.of(0xef, 0xbb, 0xbf, ...body)],
    [
      "a byte that is no UTF-8 where U+FFFD was",
      Buffer.from(Buffer.from(body).toString("latin1").replace("\u00ef\u00bf\u00bd", "\u00ff"), "latin1"),
    ],
    ["other line ends", encode(new TextDecoder().decode(body).replace("\r\n", "\n"))],
    ["another form of the same letter", encode(new TextDecoder().decode(body).normalize("NFD"))],
    ["a byte more", Uint8Array.of(...body, 0)],
  ])("refuses altered bytes: %s", async (_, altered) => {
    expect(altered).not.toEqual(body);
    await expect(verify(altered)).rejects.toMatchObject({ code: "SIGNATURE_MISMATCH" });
  });
});

describe("invalid signed content", () => {
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a promise of it", Promise.resolve("{}")],
    ["an object", {}],
    ["a number", 5],
    ["an array of bytes", [123, 125]],
    ["an empty text", ""],
    ["no bytes", new Uint8Array()],
  ])("is an internal error, and no signature over nothing gets in: %s", async (_, content) => {
    const scheme = { signedContent: () => content } as Scheme;
    for (const signature of [sign(""), sign("{}"), sign("[object Object]"), sign("[object Promise]")])
      await expect(verifySignature({ body: "{}", signature }, { secret, scheme })).rejects.toMatchObject({
        code: "INTERNAL",
        message: expect.stringContaining("`scheme.signedContent`"),
      });
  });

  it("may be empty for an empty body", async () => {
    const scheme: Scheme = { signedContent: (body) => body };
    await expect(verifySignature({ body: "", signature: sign("") }, { secret, scheme })).resolves.toHaveLength(0);
  });
});
