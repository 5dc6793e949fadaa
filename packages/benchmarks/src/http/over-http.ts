import type { Result } from "../result.ts";
import { interleaved, type Round } from "./interleaved.ts";
import { pairs, quotient } from "./quotient.ts";
import { request } from "./request.ts";
import { type Framework, type ServerName, servers } from "./servers.ts";

/** More than a receiver remembers, so that a repeated delivery is no duplicate. */
const DELIVERIES = 24_000;
const LOAD = { connections: 16, durationMs: 700 };

export async function overHttp(rounds: number, progress: (text: string) => void): Promise<Result[]> {
  const deliveries = Array.from({ length: DELIVERIES }, (_, at) => request(at));
  const roundsOf = await interleaved({
    module: new URL("./servers.ts", import.meta.url),
    names: Object.keys(servers) as ServerName[],
    requests: () => inTurn(deliveries),
    load: LOAD,
    rounds,
    progress,
  });
  return results(roundsOf);
}

/** Cycles through the requests. */
function inTurn(requests: readonly Buffer[]): () => Buffer {
  let sent = 0;
  return () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
}

/** The targets, as a share of the requests per second of a handler written by hand. */
const PROMISES: readonly [framework: Framework, atLeast: number][] = [
  ["node:http", 0.9],
  ["Fastify", 0.9],
  ["Hono", 0.95],
  ["Express", 0.95],
];

function results(roundsOf: (name: ServerName) => Round[]): Result[] {
  const perSecond = (name: ServerName, against: ServerName, atLeast?: number) =>
    quotient(
      `${name}: requests per second`,
      against,
      pairs(roundsOf(name), roundsOf(against), ({ perSecond: value }) => value),
      atLeast,
      true,
    );
  const cpu = (name: ServerName, against: ServerName, atMost: number) =>
    quotient(
      `${name}: CPU time per request`,
      against,
      pairs(roundsOf(name), roundsOf(against), ({ cpuUs }) => cpuUs),
      atMost,
      false,
    );
  return [
    ...PROMISES.flatMap(([framework, atLeast]) => [
      perSecond(framework, `${framework}, by hand`, atLeast),
      perSecond(framework, `${framework}, floor`),
    ]),
    perSecond("octokit on node:http", "node:http, by hand"),
    perSecond("node:http", "octokit on node:http", 1.1),
    cpu("node:http", "octokit on node:http", 0.95),
  ];
}
