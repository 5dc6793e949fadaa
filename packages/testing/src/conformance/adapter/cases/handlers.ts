import { assert } from "../../assert.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, eventText, freshId } from "../exchange.ts";
import { send } from "../http-client.ts";
import { assertSameAsCore, sameAsCore } from "../same-as-core.ts";

const unknownEvent = () => eventText().replace("CONVERSATION_STARTED", "OFFER_SENT_TOMORROW");

/** Rules for handlers and duplicates. */
export const handlerCases: readonly AdapterCase[] = [
  sameAsCore("answers an unknown event with 200", async () => [await delivery(unknownEvent())]),
  sameAsCore("answers an event without an id with 200", async () => [
    await delivery(eventText().replace(/"eventId":"[^"]*",/, "")),
  ]),
  sameAsCore("answers a test delivery without an event with 200", async () => [
    await delivery('{"event":5}'),
    await delivery('{"test":true}'),
  ]),
  sameAsCore("refuses a signed body that is not a JSON object", async () => [
    await delivery("[]"),
    await delivery("5"),
    await delivery("no JSON"),
  ]),
  sameAsCore("answers a duplicate of a handled event with 200", async () => {
    const twice = await delivery(eventText());
    return [twice, twice];
  }),
  sameAsCore("answers 500 when a handler throws, and handles the next delivery", async () => {
    const eventId = freshId();
    return [
      await delivery(eventText("throw", eventId)),
      await delivery(eventText("return", eventId)),
      await delivery(eventText("return", eventId)),
    ];
  }),
  sameAsCore("answers 500 when a handler rejects", async () => [await delivery(eventText("reject"))]),
  {
    name: "handles one of 20 concurrent duplicates",
    async run({ url }) {
      const slow = await delivery(eventText("slow"));
      const answers = await Promise.all(Array.from({ length: 20 }, () => send(url, slow)));
      const handled = answers.filter(({ status, body }) => status === 200 && body.includes("handled"));
      const busy = answers.filter(({ status, headers }) => status === 503 && headers["retry-after"] !== undefined);
      const repeated = answers.filter(({ status, body }) => status === 200 && body.includes("duplicate"));
      assert(handled.length === 1, `expected exactly one of 20 to be handled, but ${handled.length} were`);
      assert(
        busy.length + repeated.length === 19,
        `expected 503 or a duplicate for the others, but received ${answers.map(({ status }) => status)}`,
      );
      await expectDuplicate(url, slow);
    },
  },
  {
    name: "answers 500 when a handler times out, and its duplicates stay busy",
    async run({ url }) {
      const stuck = await delivery(eventText("never"));
      const [first, second] = [await send(url, stuck), await send(url, stuck)];
      assert(
        first.status === 500 && first.body.includes("HANDLER_FAILED"),
        `expected HANDLER_FAILED, but received ${first.status} ${first.body}`,
      );
      assert(
        second.status === 503 && second.body.includes("DELIVERY_BUSY"),
        `expected DELIVERY_BUSY, but received ${second.status} ${second.body}`,
      );
      await assertSameAsCore(url, await delivery(eventText()));
    },
  },
];

async function expectDuplicate(url: string, exchange: Awaited<ReturnType<typeof delivery>>): Promise<void> {
  const { status, body } = await send(url, exchange);
  assert(
    status === 200 && body.includes("duplicate"),
    `expected a later delivery to be a duplicate, but received ${status} ${body}`,
  );
}
