import type { Command } from "@commander-js/extra-typings";
import { createReceiver } from "@popp-webhooks/core";
import { toInspector } from "@popp-webhooks/inspector";
import { EXIT_CODES } from "../command-line/cli-error.ts";
import { DEV_PORT, WEBHOOK_PATH } from "../command-line/dev-address.ts";
import { isInteractive } from "../command-line/is-interactive.ts";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf, paintWords, printable } from "../command-line/output.ts";
import { collected, httpUrl, wholeNumber } from "../command-line/parse-option.ts";
import { createPoppFolder } from "../command-line/popp-folder.ts";
import { findSecret, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { sendBytes } from "../http/send-bytes.ts";
import { recordingsForInspector } from "../recordings/for-inspector.ts";
import { readRecording } from "../recordings/read-recording.ts";
import { Recorder } from "../recordings/recorder.ts";
import { announce } from "./announce.ts";
import { isOwnName, startDevServer } from "./dev-server.ts";
import { handleRequest } from "./handle-request.ts";
import { listenToKeys } from "./keys.ts";
import { hostName, listenAddress, webhookPath } from "./listen-options.ts";
import { makeSecret } from "./make-secret.ts";
import { openDevInbox } from "./open-dev-inbox.ts";
import { printHandled } from "./print-handled.ts";
import { routeOf, targetsOf } from "./targets.ts";

const EXAMPLES = [
  ["popp-webhooks dev", "receive, record and show on a page"],
  ["popp-webhooks dev --forward http://127.0.0.1:3000/webhooks/popp", "and hand on to your server"],
  ["popp-webhooks dev --route DOCUMENT_UPLOADED=http://127.0.0.1:3001/", "an event to another one"],
] as const;

/** `dev`: receives, verifies, records and forwards deliveries on this machine, and shows them on a page. */
export function devCommand(): Command {
  return newCommand("dev", "Receive on this machine: verify, record, forward, and show on a page.", EXAMPLES)
    .option("-f, --forward <url>", "hand each request on to this address, byte for byte", httpUrl("--forward"))
    .option("--route <event=url>", "hand the events of a name on to another address", collected(routeOf))
    .option(
      "-p, --port <port>",
      "the port; 0 is any free one",
      wholeNumber("--port", { min: 0, max: 65_535 }),
      DEV_PORT,
    )
    .option("--path <path>", "the path of the webhook", webhookPath, WEBHOOK_PATH)
    .option("--listen <address>", "another address than this machine's own", listenAddress, "127.0.0.1")
    .option("--host-name <name>", "a further name under which the page answers", collected(hostName))
    .option(...SECRET_OPTIONS.secret)
    .option(...SECRET_OPTIONS.secretFile)
    .option("--open", "open the page in a browser")
    .action(async (options) => {
      const output = outputOf(options);
      const folder = createPoppFolder();
      const found = findSecret(options, output.say) ?? makeSecret(folder);
      const { secret } = found;
      const recorder = await Recorder.open(folder.recordings);
      const inbox = await openDevInbox(folder.inboxFile, output.say);
      const { receive } = createReceiver({ secret, inbox, onError: () => {} });
      const { forward, route: routes = [], listen: address, hostName: hostNames = [] } = options;
      const parts = { receive, secret, recorder, targetOf: targetsOf(forward, routes) };
      const { server, origin } = await startDevServer({
        address,
        port: options.port,
        path: options.path,
        hostNames,
        inspector: toInspector(inbox, {
          authorize: () => ({ name: "you", can: "act", body: "shown" }),
          environment: { name: "dev", color: "#2f6f4f" },
          recordings: recordingsForInspector(folder.recordings, recorder, (warning) => output.say(printable(warning))),
        }),
        handle: (request) => handleRequest(parts, request),
        onHandled: (handled) => printHandled(output, handled),
        onFailed: (error) =>
          output.say(`${paintWords("red", "error:")} A request could not be handled: ${reason(error)}`),
      });
      inbox.start();
      const webhook = new URL(options.path, origin);
      const page = `${origin}/`;
      const hasKeys = isInteractive(options);
      const isPageOpen = isOwnName(webhook.host, hostNames);
      announce(output, {
        webhook,
        page,
        isPageOpen,
        secret: found,
        forward,
        routes,
        address,
        folder: folder.path,
        hasKeys,
      });
      if (options.open) openPage();
      process.exitCode = await untilStopped();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await inbox.close();

      function untilStopped(): Promise<number> {
        return new Promise((resolve) => {
          let letGo = () => {};
          const stop = (code: number) => {
            letGo();
            resolve(code);
          };
          process.once("SIGINT", () => stop(EXIT_CODES.interrupted));
          process.once("SIGTERM", () => stop(0));
          if (!hasKeys) return;
          const actions = { r: () => void replayLast(), o: openPage, q: () => stop(0) };
          letGo = listenToKeys(actions, () => stop(EXIT_CODES.interrupted));
        });
      }

      async function replayLast() {
        try {
          const { request, body } = await readRecording("last", folder.recordings);
          await sendBytes({ url: webhook, method: request.method, headers: request.headers, body, timeoutMs: 60_000 });
        } catch (error) {
          output.say(reason(error));
        }
      }

      function openPage() {
        void import("open")
          .then(({ default: open }) => open(page))
          .catch(() => output.say(`No browser could be opened. The page is ${page}.`));
      }
    }) as unknown as Command;
}

const reason = (error: unknown) => printable(error instanceof Error ? error.message : String(error));
