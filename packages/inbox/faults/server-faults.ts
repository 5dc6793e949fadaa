import { expect, it, type TestContext } from "vitest";
import { type Answer, agentOf, answerTo, deliverSteadily, signedEvent } from "./delivery.ts";
import { note } from "./findings.ts";
import type { OwnServer } from "./own-server.ts";
import { each, until, wait } from "./patience.ts";
import { scaled } from "./scale.ts";
import { type ServerStage, serverStageOf } from "./server-stage.ts";
import type { ServerStore } from "./server-store.ts";
import type { ServerFlaw } from "./server-worker.ts";

/** A place for one test on a server. */
export interface ServerPlace {
  /** The store options of a process under test. */
  readonly where: Pick<ServerStore, "url" | "namespace" | "allowDataLoss">;
  /** The number of events in a state. */
  count(state: string): Promise<number>;
  end(): Promise<void>;
}

/** Creates a place on the server at a URL. */
export type PlaceOn = (url: string) => Promise<ServerPlace>;

/** Creates a place and processes on it, which end with the test. */
async function setUp(
  { onTestFinished }: TestContext,
  placeOn: PlaceOn,
  url: string,
): Promise<{ readonly place: ServerPlace; readonly stage: ServerStage }> {
  const place = await placeOn(url);
  onTestFinished(() => place.end());
  const stage = serverStageOf();
  onTestFinished(() => stage.end());
  return { place, stage };
}

/** How many events are each delivered as 1,000 copies. `pnpm faults` takes five. */
const EVENTS = scaled(2, 2, 5);
const COPIES = 1_000;
/** How many deliveries of one event run at the same time: more would wait for its row longer than the store's timeout. */
const ABREAST = 256;

/** The fault tests of several processes on one server. */
export function sharedServerFaults(kind: ServerStore["kind"], placeOn: PlaceOn, url: string): void {
  it("answer 1 000 deliveries of one event at once with 200, and run its handler once", async (context) => {
    const { stage, place } = await setUp(context, placeOn, url);
    const options = { ...place.where, kind, behavior: "nothing", leaseMs: 30_000, isPatient: true } as const;
    const workers = await Promise.all([stage.start(options), stage.start(options)]);
    const agent = agentOf(ABREAST);
    const answers: Answer[] = [];
    for (let at = 0; at < EVENTS; at++) {
      const event = signedEvent(`evt_${at}`);
      const copies = Array.from({ length: COPIES }, (_, copy) => workers[copy % 2]?.port ?? 0);
      await each(copies, ABREAST, async (port) => void answers.push(await answerTo(agent, port, event)));
    }
    agent.destroy();
    const runs = () => workers.flatMap(({ lines }) => lines.flatMap(({ ran }) => ran ?? []));
    await until("each has run", () => runs().length >= EVENTS);
    await wait(300);
    expect(runs().sort()).toEqual(Array.from({ length: EVENTS }, (_, at) => `evt_${at}`));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    note(
      context,
      `${EVENTS} events, ${answers.length} answers of 200, ${EVENTS} runs, the slowest answer after ${slowest(answers)} ms`,
    );
  });

  // A process that can tell how long it was frozen does not even ask the store.
  const owner = {
    behavior: "wait until told",
    leaseMs: 5_000,
    concurrency: 100,
    clockStops: true,
    isPatient: true,
  } as const;
  const heir = { behavior: "nothing", isStubborn: true, leaseMs: 60_000, pollMs: 10, isPatient: true } as const;

  /** Freezes a process that handles 100 events until another process has handled them, and then resumes it. */
  async function freeze(context: TestContext, flaw?: ServerFlaw) {
    const { stage, place } = await setUp(context, placeOn, url);
    const frozen = await stage.start({ ...place.where, kind, ...owner, ...(flaw && { flaw }) });
    const agent = agentOf(16);
    const events = Array.from({ length: 100 }, (_, at) =>
      signedEvent(`evt_${at}`, at % 2 ? owner.behavior : "wait for abort"),
    );
    await each(events, 16, async (event) => expect((await answerTo(agent, frozen.port, event)).status).toBe(200));
    agent.destroy();
    await until("all are in hand", () => frozen.lines.filter(({ ran }) => ran !== undefined).length === 100);
    frozen.kill("SIGSTOP");
    const other = await stage.start({ ...place.where, kind, ...heir });
    await becomes(place, "done", 100);
    // Lets the handlers end while the process is frozen: it finds that out when it resumes.
    frozen.kill("SIGUSR2");
    frozen.kill("SIGCONT");
    return { frozen, other };
  }

  it("take the events of one that is frozen over, and its say with them", async (context) => {
    const { frozen, other } = await freeze(context);
    await until("it was told", () => frozen.lines.filter(({ reason }) => reason === "LeaseLostError").length === 50);
    // Gives the process time to settle its events, if the store allowed that.
    await wait(1_000);
    expect(frozen.lines.filter(({ state }) => state !== undefined)).toEqual([]);
    const taken = other.lines.filter(({ state, attempt }) => state === "done" && attempt === 2);
    expect([taken.length, new Set(taken.map(({ eventId }) => eventId)).size]).toEqual([100, 100]);
    note(context, "100 events taken over once, none settled by the process that was frozen");
  });

  it("would have the frozen one settle them again if it heard no refusal", async (context) => {
    const { frozen } = await freeze(context, "hears no refusal");
    await until("it has", () => frozen.lines.filter(({ state }) => state === "done").length === 50);
  });
}

/** Longer than the stores' timeouts, so that answers of 503 are seen. `pnpm faults` waits for longer. */
const [AROUND_S, FAILS_S] = [scaled(2, 2, 5), scaled(5, 5, 10)];

/** The fault tests of a process whose server is down or frozen, for each kind of client; in a quick run only for the first. */
export function failingServerFaults(
  kinds: readonly [ServerStore["kind"], ...ServerStore["kind"][]],
  placeOn: PlaceOn,
  startServer: () => Promise<OwnServer>,
): void {
  const failures = kinds.flatMap((kind) => [["gone", kind] as const, ["frozen", kind] as const]);

  it.for(failures.slice(0, scaled(2, failures.length, failures.length)))(
    "that is %s for a while under 200 deliveries a second loses nothing that was answered with 200 (%s)",
    async ([failure, kind], context) => {
      const server = await startServer();
      context.onTestFinished(() => server.end());
      const { stage, place } = await setUp(context, placeOn, server.url);
      const worker = await stage.start({ ...place.where, kind, behavior: "nothing", leaseMs: 5_000 });
      const agent = agentOf(2_000);
      const events = Array.from({ length: 200 * (AROUND_S + FAILS_S + AROUND_S) }, (_, at) => signedEvent(`evt_${at}`));
      const failing = (async () => {
        await wait(AROUND_S * 1_000);
        await (failure === "gone" ? server.crash() : server.freeze());
        await wait(FAILS_S * 1_000);
        await (failure === "gone" ? server.start() : server.thaw());
      })();
      const answers = await deliverSteadily(agent, worker.port, { events, perSecond: 200 });
      await failing;
      const again = events.filter((_, at) => answers[at]?.status !== 200);
      await each(again, 16, async (event) => {
        while ((await answerTo(agent, worker.port, event)).status !== 200) await wait(100);
      });
      agent.destroy();
      await becomes(place, "done", events.length);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
      expect(answers.filter(({ status, retryAfter }) => status === 503 && retryAfter !== "5")).toEqual([]);
      note(
        context,
        `${answers.length} answers, ${FAILS_S} s without it, ${again.length} answers of 503, the slowest after ${slowest(answers)} ms; 0 lost`,
      );
    },
  );
}

/** Delivers 200 events to a process that handles none, crashes its server, and returns how many of the acknowledged events are left. */
export async function leftAfterCrash(
  context: TestContext,
  placeOn: PlaceOn,
  server: OwnServer,
  store: Pick<ServerStore, "kind" | "allowDataLoss" | "allowUnsafeCommit">,
): Promise<number> {
  const { stage, place } = await setUp(context, placeOn, server.url);
  const worker = await stage.start({ ...place.where, ...store, behavior: "nothing", leaseMs: 5_000, handles: false });
  const agent = agentOf(16);
  const events = Array.from({ length: 200 }, (_, at) => signedEvent(`evt_${at}`));
  await each(events, 16, async (event) => expect((await answerTo(agent, worker.port, event)).status).toBe(200));
  agent.destroy();
  await server.crash();
  await server.start();
  return place.count("received");
}

/** Waits until `expected` events are in a state. */
function becomes({ count }: ServerPlace, state: string, expected: number): Promise<void> {
  return until(`${expected} events are ${state}`, async () => (await count(state)) === expected);
}

function slowest(answers: readonly Answer[]): number {
  return Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)));
}
