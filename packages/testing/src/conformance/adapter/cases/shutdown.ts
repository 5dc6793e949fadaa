import { assert } from "../../assert.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, eventText } from "../exchange.ts";
import { type Received, send } from "../http-client.ts";

/** Must run last: the app accepts no requests after it. */
export const shutdownCases: readonly AdapterCase[] = [
  {
    name: "finishes a delivery in progress when the app shuts down",
    needs: "shutDown",
    async run({ url, shutDown = async () => {} }) {
      const { answer } = await startDelivery(url);
      const [{ status, body }] = await Promise.all([answer, shutDown()]);
      assert(
        status === 200 && body.includes("handled"),
        `expected the delivery to be handled, but received ${status} ${body}`,
      );
    },
  },
];

/** Sends a delivery twice and resolves when one is refused as busy: then the handler of the other is running. */
async function startDelivery(url: string): Promise<{ readonly answer: Promise<Received> }> {
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
  throw new Error("expected a duplicate to be refused while its event is processed, but none of 20 was");
}
