import type { AdapterCase } from "../adapter-case.ts";
import { delivery, eventText, freshId } from "../exchange.ts";
import { send } from "../http-client.ts";
import { assertSameAnswer, coreAnswer, sameAsCore } from "../same-as-core.ts";

/** Valid JSON that a parser and serializer would not reproduce byte for byte. */
const ODD_TEXTS: Readonly<Record<string, (eventId: string) => string>> = {
  "compact JSON": (id) => eventText("return", id),
  "spaced JSON": (id) => JSON.stringify(JSON.parse(eventText("return", id)), null, 2),
  "unnecessary escapes": (id) => withField(id, String.raw`"note":"caf\u00e9 \/ \ud83d\ude00 é"`),
  "numbers that a parser rounds": (id) =>
    withField(id, '"a":1.0,"b":1152921504606846976,"c":12345678901234567890,"d":1e2'),
  "integer-like and repeated keys": (id) => withField(id, '"2":1,"1":2,"z":1,"z":2'),
  "CRLF line ends": (id) => JSON.stringify(JSON.parse(eventText("return", id)), null, 2).replaceAll("\n", "\r\n"),
  "a trailing line end": (id) => `${eventText("return", id)}\n`,
};

function withField(eventId: string, fields: string): string {
  return eventText("return", eventId).replace('"data":{', `"data":{${fields},`);
}

const encode = (text: string) => new TextEncoder().encode(text);

const odd = Object.entries(ODD_TEXTS).map(([what, text]) =>
  sameAsCore(`verifies the exact bytes of ${what}`, async () => [await delivery(text(freshId()))]),
);

const CONTENT_TYPES = [
  null,
  "application/json; charset=utf-8",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/vnd.popp+json",
  "foo",
  "application/json\t; charset=utf-16",
];

/** The signature covers bytes: nothing may be decoded, changed or judged by its type before it was checked. */
export const byteCases: readonly AdapterCase[] = [
  ...odd,
  sameAsCore("accepts a body with a BOM", async () => [await delivery(`\ufeff${eventText()}`)]),
  sameAsCore("refuses a correctly signed body that is not UTF-8", async () => [
    await delivery(new Uint8Array([...encode('{"event":"'), 0xff, ...encode('"}')])),
  ]),
  sameAsCore("refuses a body that equals the signed text only after decoding", async () => {
    const { headers } = await delivery('{"event":"\ufffd"}');
    return [{ method: "POST", headers, body: new Uint8Array([...encode('{"event":"'), 0xff, ...encode('"}')]) }];
  }),
  sameAsCore("answers a signed empty body as core does", async () => [await delivery("")]),
  sameAsCore("accepts a body in chunks of one byte", async () => [
    await delivery(eventText().replace('"data":{', '"data":{"note":"é😀",'), { chunkBytes: 1 }),
  ]),
  ...CONTENT_TYPES.map((contentType) =>
    sameAsCore(`ignores the content-type: ${contentType ?? "none"}`, async () => [
      await delivery(eventText(), { contentType }),
    ]),
  ),
  sameAsCore("refuses content-encoding: gzip without decompressing", async () => [
    await delivery(eventText(), { headers: [["content-encoding", "gzip"]] }),
  ]),
  ...Object.entries(ODD_TEXTS).map(
    ([what, text]): AdapterCase => ({
      name: `behind a JSON parser, verifies the exact bytes or reports BODY_CONSUMED: ${what}`,
      needs: "parsedFirstUrl",
      run: ({ parsedFirstUrl = "" }) => consumedOrExact(parsedFirstUrl, text(freshId())),
    }),
  ),
];

/** Fails on a timeout, a re-serialized body and any other 2xx. */
async function consumedOrExact(url: string, text: string): Promise<void> {
  const exchange = await delivery(text);
  const answer = await send(url, exchange);
  const consumed = answer.status === 500 && answer.body.includes('"BODY_CONSUMED"');
  if (!consumed) assertSameAnswer(answer, exchange.method, await coreAnswer(exchange));
}
