import { interleaved } from "../http/interleaved.ts";
import { pairs, quotient } from "../http/quotient.ts";
import { request } from "../http/request.ts";
import type { Result } from "../result.ts";

/** Measures over HTTP the cost of writing each event to disk before the answer. */
export async function inboxOverHttp(rounds: number, progress: (text: string) => void): Promise<Result[]> {
  const roundsOf = await interleaved({
    module: new URL("./servers.ts", import.meta.url),
    names: ["memory", "SQLite"],
    // Created while sending, because an inbox remembers every event.
    requests: () => {
      let sent = 0;
      return () => request(sent++);
    },
    load: { connections: 64, durationMs: 700 },
    rounds,
    progress,
  });
  const ratios = pairs(roundsOf("SQLite"), roundsOf("memory"), ({ perSecond }) => perSecond);
  return [quotient("inbox on SQLite: requests per second, 64 connections", "inbox in memory", ratios, 0.6, true)];
}
