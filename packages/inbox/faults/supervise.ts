import type { Agent } from "node:http";
import { deliver, type SignedEvent } from "./delivery.ts";
import { wait } from "./patience.ts";
import type { Stage } from "./stage.ts";
import type { WorkerOptions } from "./worker.ts";

/** A process that is restarted when it ends. */
export interface Supervised {
  /** The number of restarts. */
  readonly restarts: () => number;
  /** Delivers until the answer is 200, and returns the other statuses. */
  deliver(agent: Agent, event: SignedEvent): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** Starts a process, and restarts it whenever it ends. The new one finds the leases of the old one ended. */
export async function supervise(stage: Stage, options: Omit<WorkerOptions, "path" | "secret">): Promise<Supervised> {
  let worker = await stage.start(options);
  let [restarts, isStopped] = [0, false];
  const watching = (async () => {
    for (;;) {
      await worker.exited;
      if (isStopped) return;
      restarts++;
      stage.endLeases();
      worker = await stage.start(options);
    }
  })();
  return {
    restarts: () => restarts,
    deliver: async (agent, event) => {
      const others: number[] = [];
      for (;;) {
        const status = await deliver(agent, worker.port, event);
        if (status === 200) return others;
        if (status !== 0) others.push(status);
        await wait(20);
      }
    },
    stop: async () => {
      isStopped = true;
      worker.kill("SIGKILL");
      await watching;
    },
  };
}
