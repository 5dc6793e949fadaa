import type { Command } from "@commander-js/extra-typings";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type InboxStore } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { toInspector } from "@popp-webhooks/inspector";
import { CliError, EXIT_CODES } from "../command-line/cli-error.ts";
import { DEV_PORT, WEBHOOK_PATH } from "../command-line/dev-address.ts";
import { hideSqliteWarning } from "../command-line/hide-sqlite-warning.ts";
import { isInteractive } from "../command-line/is-interactive.ts";
import { newCommand } from "../command-line/new-command.ts";
import { type Output, outputOf, paintWords, printable } from "../command-line/output.ts";
import { collected, httpUrl, wholeNumber } from "../command-line/parse-option.ts";
import { createPoppFolder } from "../command-line/popp-folder.ts";
import { findSecret, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { sendBytes, withoutPassword } from "../http/send-bytes.ts";
import { recordingsForInspector } from "../recordings/for-inspector.ts";
import { readRecording } from "../recordings/read-recording.ts";
import { Recorder } from "../recordings/recorder.ts";
import { startDevServer } from "./dev-server.ts";
import { handleRequest } from "./handle-request.ts";
import { KEYS, listenToKeys } from "./keys.ts";
import { hostName, isLoopback, listenAddress, webhookPath } from "./listen-options.ts";
import { makeSecret } from "./make-secret.ts";
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
      const { secret, from } = findSecret(options, output.say) ?? makeSecret(folder);
      const recorder = await Recorder.open(folder.recordings);
      // Nothing handles these events: they are kept to be looked at.
      const inbox = createInbox({ store: await storeOf(folder.inboxFile, output), on: {} });
      await inbox.stats().catch((error: Error) => {
        throw storeUnusable(folder.inboxFile, error);
      });
      const { receive } = createReceiver({ secret, inbox, onError: () => {} });
      const parts = { receive, secret, recorder, targetOf: targetsOf(options.forward, options.route ?? []) };
      const { server, origin } = await startDevServer({
        address: options.listen,
        port: options.port,
        path: options.path,
        hostNames: options.hostName ?? [],
        inspector: toInspector(inbox, {
          authorize: () => ({ name: "you", can: "act", body: "shown" }),
          environment: { name: "dev", color: "#2f6f4f" },
          recordings: recordingsForInspector(folder.recordings, recorder),
        }),
        handle: (request) => handleRequest(parts, request),
        onHandled: (handled) => printHandled(output, handled),
        onFailed: (error) =>
          output.say(`${paintWords("red", "error:")} A request could not be handled: ${reason(error)}`),
      });
      inbox.start();
      const webhook = new URL(options.path, origin);
      announce();
      if (options.open) openPage();
      process.exitCode = await untilStopped();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await inbox.close();

      function announce() {
        if (output.isJson)
          output.result({ type: "listening", webhook: webhook.href, page: `${origin}/`, secretFrom: from }, "");
        const shown =
          from === ".popp/secret" ? `${printable(secret)}   (made by dev, kept in .popp/secret)` : `the one of ${from}`;
        const forwards = [
          options.forward && withoutPassword(options.forward),
          ...(options.route ?? []).map(({ event, url }) => `${event} → ${withoutPassword(url)}`),
        ];
        const told = forwards.filter((target) => target !== undefined);
        output.say(
          [
            `Webhook  ${paintWords("bold", webhook.href)}`,
            `Page     ${paintWords("bold", `${origin}/`)}`,
            `Secret   ${shown}`,
            ...told.map((target) => `Forward  ${target}`),
            `Requests are recorded in ${folder.path}. They hold personal data: git ignores the folder.`,
            ...(isLoopback(options.listen)
              ? []
              : [paintWords("yellow", `warning: ${options.listen} can be reached from other machines.`)]),
            isInteractive(options) ? KEYS : "Ctrl+C ends it.",
            "",
          ].join("\n"),
        );
      }

      function untilStopped(): Promise<number> {
        return new Promise((resolve) => {
          let letGo = () => {};
          const stop = (code: number) => {
            letGo();
            resolve(code);
          };
          process.once("SIGINT", () => stop(EXIT_CODES.interrupted));
          process.once("SIGTERM", () => stop(0));
          if (!isInteractive(options)) return;
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
          .then(({ default: open }) => open(`${origin}/`))
          .catch(() => output.say(`No browser could be opened. The page is ${origin}/.`));
      }
    }) as unknown as Command;
}

function storeUnusable(file: string, cause: Error): CliError {
  let deepest = cause;
  while (deepest.cause instanceof Error) deepest = deepest.cause;
  const sentence = `${file} cannot be used (${deepest.message}). Move the file away to begin a new one.`;
  return new CliError("store", "STORE_UNUSABLE", sentence, { cause });
}

const reason = (error: unknown) => printable(error instanceof Error ? error.message : String(error));

async function storeOf(file: string, output: Output): Promise<InboxStore> {
  hideSqliteWarning();
  try {
    await import("node:sqlite");
  } catch {
    output.say(
      `warning: Node ${process.versions.node} has no SQLite, so that events are kept in memory until dev ends. Node 22.13 and newer has it.`,
    );
    return memoryStore();
  }
  return sqliteStore(file) as InboxStore;
}
