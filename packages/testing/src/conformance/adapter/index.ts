/**
 * The conformance suite for adapters. It tests an adapter with the real framework on loopback.
 *
 * @packageDocumentation
 */
import { afterAll, beforeAll, describe } from "vitest";
import { declareCases, skipUnlessProvided } from "../declare-cases.ts";
import type { MountedAdapter } from "./adapter-case.ts";
import { adapterCases } from "./cases/index.ts";

export type { AdapterCase, MountedAdapter } from "./adapter-case.ts";
export { adapterCases } from "./cases/index.ts";

/** Only ends a case that hangs: a slow machine must not fail one that works. */
const CASE_TIMEOUT_MS = 180_000;

/** The options of {@link describeAdapter}. */
export interface DescribeAdapterOptions {
  /** Cases that cannot pass on this platform: the case's name and the reason. They are skipped, and the reason is part of the test's name. */
  readonly impossible?: Readonly<Record<string, string>>;
  /** How long the app may take to start, in milliseconds. Default: 120 000. */
  readonly startTimeoutMs?: number;
}

/**
 * Declares the conformance suite for one adapter.
 *
 * The app under test mounts `conformanceReceiver()`. The suite needs only its URL, so the app may run in another process or runtime.
 *
 * @param name - the framework, and the variant of it
 * @param mount - starts the app, listening on loopback
 * @param options - cases that the platform makes impossible
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

  // The last case shuts the app down, so the cases must run in order.
  describe(`${name}: the conformance suite for adapters`, { shuffle: false }, () => {
    let app: MountedAdapter | undefined;
    beforeAll(async () => {
      app = await mount();
    }, startTimeoutMs);
    afterAll(() => app?.close(), CASE_TIMEOUT_MS);

    declareCases(
      adapterCases,
      impossible,
      async (one, context) => {
        if (app === undefined) throw new Error("the app did not start");
        skipUnlessProvided(one.needs, app, context);
        await one.run(app);
      },
      CASE_TIMEOUT_MS,
    );
  });
}
