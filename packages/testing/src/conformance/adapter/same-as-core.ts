import type { Receiver } from "@popp-webhooks/core";
import { assert } from "../assert.ts";
import { conformanceReceiver } from "../receiver.ts";
import type { AdapterCase } from "./adapter-case.ts";
import { type Answer, answerOf, type Exchange, toRequest } from "./exchange.ts";
import { send } from "./http-client.ts";

/** A case that sends a few requests in a row. The app must give the same answers as core, byte for byte. */
export function sameAsCore(name: string, exchanges: () => Promise<readonly Exchange[]>): AdapterCase {
  return {
    name,
    async run({ url }) {
      const core = conformanceReceiver();
      for (const exchange of await exchanges()) await assertSameAsCore(url, exchange, core);
    },
  };
}

/** Sends one request to the app and to core, and compares the answers. */
export async function assertSameAsCore(url: string, exchange: Exchange, core?: Receiver): Promise<void> {
  const expected = await coreAnswer(exchange, core);
  assertSameAnswer(await send(url, exchange), exchange.method, expected);
}

/** The answer of core itself, in this process. */
export async function coreAnswer(exchange: Exchange, core: Receiver = conformanceReceiver()): Promise<Answer> {
  return answerOf(await core.fetch(toRequest(exchange)));
}

/** Compares status, body and the headers that core sets. */
export function assertSameAnswer({ status, body, headers }: Answer, method: string, expected: Answer): void {
  // An answer to HEAD has no body on the wire.
  const actual = { status, headers, body: method === "HEAD" ? expected.body : body };
  const [expectedText, actualText] = [asText(expected), asText(actual)];
  assert(expectedText === actualText, `expected core's answer, ${expectedText}, but received ${actualText}`);
}

function asText({ status, body, headers }: Answer): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [status, ...lines.sort(), body].join(" | ");
}
