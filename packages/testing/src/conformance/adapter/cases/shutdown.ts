import { assert } from "../../assert.ts";
import { pause } from "../../pause.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { delivery, eventText } from "../exchange.ts";
import { send } from "../http-client.ts";

/** Stands last: nothing can be asked of the app after it. */
export const shutdownCases: readonly AdapterCase[] = [
  {
    name: "finishes the delivery in hand when the app shuts down",
    needs: "shutDown",
    async run({ url, shutDown = async () => {} }) {
      const slow = await delivery(eventText("slow"), { headers: [["connection", "close"]] });
      const inHand = send(url, slow);
      // Time for the delivery to reach its handler, which takes longer.
      await pause(100);
      const [{ status, body }] = await Promise.all([inHand, shutDown()]);
      assert(
        status === 200 && body.includes("handled"),
        `expected the delivery to be handled, but received ${status} ${body}`,
      );
    },
  },
];
