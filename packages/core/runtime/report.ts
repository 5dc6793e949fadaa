import * as core from "../src/index.ts";
import { hmac } from "../src/verify/hmac.ts";
import { webHmac } from "../src/verify/hmac-web.ts";
import { cases } from "./cases.ts";

/** How the cases went on one runtime; plain data, since it crosses a process or an isolate. */
export interface Report {
  /** Which way signatures were computed there, as core chose it. */
  readonly hmac: "node:crypto" | "WebCrypto";
  /** What the runtime calls itself; `unknown` where it does not. */
  readonly self: string;
  /** One for each case that ran, in their order: its name, and what was wrong if anything was. */
  readonly results: readonly { readonly name: string; readonly error?: string }[];
}

/** Runs the cases one after the other, and rejects never. */
export async function report(): Promise<Report> {
  const results: Report["results"][number][] = [];
  for (const { name, run } of cases) {
    try {
      await run(core);
      results.push({ name });
    } catch (error) {
      results.push({ name, error: String(error instanceof Error ? (error.stack ?? error) : error) });
    }
  }
  // Node 20 has no `navigator`, and the edge runtime has neither.
  const self = globalThis.navigator?.userAgent ?? globalThis.process?.version ?? "unknown";
  return { hmac: hmac() === webHmac ? "WebCrypto" : "node:crypto", self, results };
}
