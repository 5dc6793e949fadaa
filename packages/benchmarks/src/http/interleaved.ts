import { type Load, load } from "./load.ts";
import { type Started, start } from "./started.ts";

/** Warm-up before the measurement: a new server runs at half its speed until its code is compiled. */
const WARM_UP_ROUNDS = 6;

/** The result of one server in one round. */
export interface Round {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** The servers and their load. */
export interface Contest<Name extends string> {
  /** The module that exports the servers as `servers`. */
  readonly module: URL;
  readonly names: readonly Name[];
  /** Creates the source of a server's requests. Each server has its own, because each remembers its own deliveries. */
  readonly requests: () => () => Buffer;
  readonly load: Load;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** Loads the servers in turn, round by round, so that noise affects all of them. */
export async function interleaved<Name extends string>(contest: Contest<Name>): Promise<(name: Name) => Round[]> {
  const { module, names, requests, rounds, progress } = contest;
  const started: (Started & { readonly nextRequest: () => Buffer })[] = [];
  const measured = new Map<string, Round[]>();
  try {
    for (const name of names) started.push({ ...(await start(module, name)), nextRequest: requests() });
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const server of started) {
        progress(`over HTTP, round ${Math.max(0, round) + 1} of ${rounds}: ${server.name}`);
        const result = await measure(server, server.nextRequest, contest.load);
        if (round >= 0) measured.set(server.name, [...(measured.get(server.name) ?? []), result]);
      }
    }
  } finally {
    for (const server of started) server.stop();
  }
  return (name) => measured.get(name) ?? [];
}

async function measure(server: Started, nextRequest: () => Buffer, how: Load): Promise<Round> {
  const before = await server.cpuUs();
  const answered = await load(server.port, nextRequest, how);
  return { perSecond: (answered * 1_000) / how.durationMs, cpuUs: ((await server.cpuUs()) - before) / answered };
}
