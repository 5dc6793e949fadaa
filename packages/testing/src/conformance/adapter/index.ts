/**
 * The conformance suite for adapters: what every way into a receiver must get right, against the real framework on loopback.
 *
 * @packageDocumentation
 */
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import type { AdapterCase, MountedAdapter } from "./adapter-case.ts";
import { adapterCases } from "./cases.ts";

export type { AdapterCase, MountedAdapter } from "./adapter-case.ts";
export { adapterCases } from "./cases.ts";

/** What {@link describeAdapter} may be told. */
export interface DescribeAdapterOptions {
  /** Cases that the platform makes impossible, by name, each with the reason; it stands in the test's name. */
  readonly impossible?: Readonly<Record<string, string>>;
  /** How long the app may take to start, in milliseconds. Default: 120 000. */
  readonly startTimeoutMs?: number;
}

/**
 * Declares the conformance suite for one adapter.
 *
 * The app under test mounts `conformanceReceiver()`; the suite needs nothing but its URL, so the app may run in another process or runtime.
 *
 * @param name - the framework, and what of it varies
 * @param mount - starts the app, listening on loopback
 * @param options - what the platform makes impossible
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { describeAdapter } from "@popp-webhooks/testing/adapter";
 * import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
 *
 * describeAdapter("node:http by hand", async () => {
 *   const { receive } = conformanceReceiver();
 *   const server = createServer(async (request, response) => {
 *     const { status, headers, body } = await receive({ method: request.method ?? "", headers: request.headers, body: request });
 *     response.writeHead(status, headers).end(body);
 *   }).listen(8080, "127.0.0.1");
 *   return { url: "http://127.0.0.1:8080/", close: async () => void server.close() };
 * });
 * ```
 */
export function describeAdapter(
  name: string,
  mount: () => Promise<MountedAdapter>,
  options: DescribeAdapterOptions = {},
): void {
  const { impossible = {}, startTimeoutMs = 120_000 } = options;
  const unknown = Object.keys(impossible).filter((title) => !adapterCases.some((one) => one.name === title));
  if (unknown.length > 0)
    throw new Error(`describeAdapter: there is no case ${unknown.map((title) => JSON.stringify(title)).join(", ")}.`);

  // One case shuts the app down, so that the order is part of the suite.
  describe(`${name}: the conformance suite for adapters`, { shuffle: false }, () => {
    let app: MountedAdapter | undefined;
    beforeAll(async () => {
      app = await mount();
    }, startTimeoutMs);
    afterAll(() => app?.close(), 30_000);

    for (const one of adapterCases) {
      const reason = impossible[one.name];
      if (reason === undefined) it(one.name, (context) => runCase(one, app, context), 20_000);
      else it(`${one.name} (not here: ${reason})`, ({ skip }) => skip(reason));
    }
  });
}

/** What was not tried has not passed: it is reported as skipped, with the reason. */
async function runCase(one: AdapterCase, app: MountedAdapter | undefined, { skip }: TestContext): Promise<void> {
  if (app === undefined) throw new Error("the app did not start");
  if (one.needs !== undefined && app[one.needs] === undefined) skip(`the mount gives no ${one.needs}`);
  await one.run(app);
}
