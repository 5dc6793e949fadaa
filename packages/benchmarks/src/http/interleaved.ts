import { type Load, load } from "./load.ts";
import { type Started, start } from "./started.ts";

/** A server that has just started runs at half its speed until its code is compiled, and none is meant to be just started. */
const WARM_UP_ROUNDS = 6;

/** What one server did in one round. */
export interface Round {
  readonly perSecond: number;
  readonly cpuUs: number;
}

/** What is put on which servers. */
export interface Contest<Name extends string> {
  /** The module that exports them as `servers`. */
  readonly module: URL;
  readonly names: readonly Name[];
  /** Makes what gives a server its requests; each server has its own, as what one has seen another has not. */
  readonly requests: () => () => Buffer;
  readonly load: Load;
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** Puts the same load on each server in turn, round by round, so that what disturbs the machine disturbs them all. */
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
