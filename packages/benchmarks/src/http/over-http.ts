import type { Result } from "../result.ts";
import { interleaved, type Round } from "./interleaved.ts";
import { pairs, quotient } from "./quotient.ts";
import { request } from "./request.ts";
import { type ServerName, servers } from "./servers.ts";

/** More than a receiver remembers: one that comes round again at the same server, after all others, is new to it. */
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

/** Gives the requests in turn, over and over. */
function inTurn(requests: readonly Buffer[]): () => Buffer {
  let sent = 0;
  return () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
}

const FLOORS: readonly [ours: ServerName, floor: ServerName, atLeast: number][] = [
  ["node:http", "node:http, floor", 0.8],
  ["Fastify", "Fastify, floor", 0.8],
  ["Express", "Express, floor", 0.75],
  ["Hono", "Hono, floor", 0.75],
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
    ...FLOORS.map(([ours, floor, atLeast]) => perSecond(ours, floor, atLeast)),
    perSecond("createHmac by hand", "node:http, floor"),
    perSecond("node:http", "createHmac by hand"),
    perSecond("octokit on node:http", "node:http, floor"),
    perSecond("node:http", "octokit on node:http", 1.4),
    cpu("node:http", "octokit on node:http", 0.7),
  ];
}
