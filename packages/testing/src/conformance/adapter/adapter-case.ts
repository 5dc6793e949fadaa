import type { Receiver } from "@popp-webhooks/core";
import { conformanceReceiver } from "../receiver.ts";
import { type Answer, answerOf, type Exchange, toRequest } from "./exchange.ts";
import { send } from "./http-client.ts";

/** An app under test, listening on loopback. */
export interface MountedAdapter {
  /** Where the conformance receiver is mounted. */
  readonly url: string;
  /** A route of the same app that parses JSON with the app's own parser, and answers with what it parsed. */
  readonly jsonUrl?: string | undefined;
  /** The conformance receiver behind a JSON parser that comes before it, where the framework has such a thing. */
  readonly parsedFirstUrl?: string | undefined;
  /**
   * Stops the app as a deployment does, where the app itself decides how: no new requests, and those in hand are finished.
   *
   * The last case calls it; `close` is called after it all the same.
   */
  readonly shutDown?: (() => Promise<void>) | undefined;
  /** Stops the app at once. */
  close(): Promise<void>;
}

/** One thing that every adapter must get right. */
export interface AdapterCase {
  /** What is right, as a sentence. */
  readonly name: string;
  /** What more of the app it takes; without it the case does not apply. */
  readonly needs?: "jsonUrl" | "parsedFirstUrl" | "shutDown";
  /** Resolves when the app got it right, and rejects with what went wrong. */
  run(app: MountedAdapter): Promise<void>;
}

/** A case of a few requests in a row: each must be answered as core itself answers it, byte for byte. */
export function sameAsCore(name: string, exchanges: () => Promise<readonly Exchange[]>): AdapterCase {
  return {
    name,
    async run({ url }) {
      const core = conformanceReceiver();
      for (const exchange of await exchanges()) {
        await expectSame(url, exchange, core);
      }
    },
  };
}

/** Sends one request to the app and to core, and compares the answers. */
export async function expectSame(url: string, exchange: Exchange, core?: Receiver): Promise<void> {
  const expected = await coreAnswer(exchange, core);
  demandSame(await send(url, exchange), exchange.method, expected);
}

/** What core itself answers, in this process. */
export async function coreAnswer(exchange: Exchange, core: Receiver = conformanceReceiver()): Promise<Answer> {
  return answerOf(await core.fetch(toRequest(exchange)));
}

/** Compares an answer in full: its status, its body, and the headers that core sets. */
export function demandSame({ status, body, headers }: Answer, method: string, expected: Answer): void {
  // An answer to HEAD has no body on the wire.
  const actual = { status, headers, body: method === "HEAD" ? expected.body : body };
  const [wanted, got] = [asText(expected), asText(actual)];
  demand(wanted === got, `expected the answer that core gives, ${wanted}, but received ${got}`);
}

function asText({ status, body, headers }: Answer): string {
  const set = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [status, ...set.sort(), body].join(" | ");
}

/** Fails a case. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
