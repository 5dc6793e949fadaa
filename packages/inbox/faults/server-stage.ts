import { SECRET } from "./delivery.ts";
import { startProcess, type TestProcess } from "./process.ts";
import type { ServerLine, ServerWorkerOptions } from "./server-worker.ts";

const WORKER = new URL("./server-worker.ts", import.meta.url);

/** The processes of a test on a server's store. They end with the test. */
export interface ServerStage {
  start(options: Omit<ServerWorkerOptions, "secret">): Promise<TestProcess<ServerLine>>;
  end(): Promise<void>;
}

/** Creates a stage. */
export function serverStageOf(): ServerStage {
  const workers: TestProcess<ServerLine>[] = [];
  return {
    start: async (options) => {
      const worker = await startProcess<ServerLine>(WORKER, { ...options, secret: SECRET });
      workers.push(worker);
      return worker;
    },
    end: async () => {
      for (const worker of workers) worker.kill("SIGKILL");
      await Promise.all(workers.map(({ exited }) => exited));
    },
  };
}
