import { assert } from "../../assert.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, eventText } from "../exchange.ts";
import { type Received, send } from "../http-client.ts";

/** Stands last: nothing can be asked of the app after it. */
export const shutdownCases: readonly AdapterCase[] = [
  {
    name: "finishes the delivery in hand when the app shuts down",
    needs: "shutDown",
    async run({ url, shutDown = async () => {} }) {
      const { answer } = await inHand(url);
      const [{ status, body }] = await Promise.all([answer, shutDown()]);
      assert(
        status === 200 && body.includes("handled"),
        `expected the delivery to be handled, but received ${status} ${body}`,
      );
    },
  },
];

/** Sends a delivery, and returns once its handler runs: a duplicate sent beside it is refused as busy then. */
async function inHand(url: string): Promise<{ readonly answer: Promise<Received> }> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const slow = await delivery(eventText("slow"), { headers: [["connection", "close"]] });
    const [one, other] = [send(url, slow), send(url, slow)];
    const first = await Promise.race([
      one.then(({ status }) => ({ status, answer: other })),
      other.then(({ status }) => ({ status, answer: one })),
    ]);
    if (first.status === 503) return first;
    await first.answer;
  }
  throw new Error("expected a duplicate to be refused while its event is in hand, but none of 20 was");
}
