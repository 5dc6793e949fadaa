import { SECRET, sign } from "../deliveries.ts";
import type { Result } from "../result.ts";
import { load } from "./load.ts";
import { PATH, type ServerName, servers } from "./servers.ts";
import { type Started, start } from "./started.ts";

/** More than a receiver remembers: one that comes round again at the same server, after all others, is new to it. */
const DELIVERIES = 12_000;
const CONNECTIONS = 16;
const ROUND_MS = 700;

interface Round {
  readonly perSecond: number;
  readonly cpuUs: number;
}

export async function overHttp(rounds: number, progress: (text: string) => void): Promise<Result[]> {
  const deliveries = Array.from({ length: DELIVERIES }, (_, at) => request(at));
  const started: (Started & { readonly nextRequest: () => Buffer })[] = [];
  const measured = new Map<ServerName, Round[]>();
  try {
    for (const name of Object.keys(servers) as ServerName[])
      started.push({ ...(await start(name)), nextRequest: inTurn(deliveries) });
    for (let round = -1; round < rounds; round++) {
      for (const server of started) {
        progress(`over HTTP, round ${Math.max(0, round) + 1} of ${rounds}: ${server.name}`);
        const result = await measure(server);
        if (round >= 0) measured.set(server.name, [...(measured.get(server.name) ?? []), result]);
      }
    }
  } finally {
    for (const server of started) server.stop();
  }
  return results((name) => measured.get(name) ?? []);
}

/** A signed delivery of 2 KB as it goes over the wire, with the headers that octokit's middleware wants beside ours. */
function request(at: number): Buffer {
  const event = {
    event: "ANALYSIS_CREATED",
    eventId: `evt_${at}`,
    eventTimestamp: "2026-11-23T10:15:00.000Z",
    data: { recordId: `rec_${at}`, organizationId: "org", note: "x".repeat(1_880) },
  };
  const body = JSON.stringify(event);
  const signature = sign(body, SECRET);
  const head = [
    `POST ${PATH} HTTP/1.1`,
    "host: 127.0.0.1",
    "content-type: application/json",
    `content-length: ${body.length}`,
    `x-signature: ${signature}`,
    "x-github-event: ping",
    `x-github-delivery: ${at}`,
    `x-hub-signature-256: sha256=${signature}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Gives the requests in turn, over and over. Each server has a turn of its own: one shared by all would send it what it remembers. */
function inTurn(requests: readonly Buffer[]): () => Buffer {
  let sent = 0;
  return () => requests[sent++ % requests.length] ?? Buffer.alloc(0);
}

async function measure(server: Started & { readonly nextRequest: () => Buffer }): Promise<Round> {
  const before = await server.cpuUs();
  const answered = await load(server.port, server.nextRequest, { connections: CONNECTIONS, durationMs: ROUND_MS });
  return { perSecond: (answered * 1_000) / ROUND_MS, cpuUs: ((await server.cpuUs()) - before) / answered };
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
    perSecond("octokit on node:http", "node:http, floor"),
    perSecond("node:http", "octokit on node:http", 1.4),
    cpu("node:http", "octokit on node:http", 0.7),
  ];
}

/** The ratio of each round of the one to the same round of the other, in order of size. */
function pairs(ours: readonly Round[], theirs: readonly Round[], of: (round: Round) => number): number[] {
  return ours.map((round, at) => of(round) / of(theirs[at] ?? round)).sort((a, b) => a - b);
}

function quotient(
  what: string,
  against: string,
  ratios: readonly number[],
  target: number | undefined,
  atLeast: boolean,
): Result {
  const median = ratios[ratios.length >> 1] ?? Number.NaN;
  const spread = [ratios[ratios.length >> 2], ratios[Math.floor(ratios.length * 0.75)]]
    .map((value) => value?.toFixed(2))
    .join("–");
  return {
    what,
    against,
    measured: median.toFixed(2),
    spread,
    ...(target !== undefined && {
      target: `${atLeast ? "≥" : "≤"} ${target}`,
      met: atLeast ? median >= target : median <= target,
    }),
  };
}
