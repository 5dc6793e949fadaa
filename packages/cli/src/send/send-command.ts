import { type Command, Option } from "@commander-js/extra-typings";
import { CliError, EXIT_CODES } from "../command-line/cli-error.ts";
import { DEV_URL } from "../command-line/dev-address.ts";
import { newCommand } from "../command-line/new-command.ts";
import { outputOf } from "../command-line/output.ts";
import { collected, httpUrl, wholeNumber } from "../command-line/parse-option.ts";
import { readSecret, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { changeOf } from "./changes.ts";
import { curlCommand } from "./curl-command.ts";
import { agentFor, deliver } from "./deliver.ts";
import { printDelivered } from "./print-delivered.ts";
import { sendChaos } from "./send-chaos.ts";
import { sendMany } from "./send-many.ts";
import { headerOf, signedHeaders } from "./signed.ts";
import { sourcesOf } from "./sources-of.ts";

const EXAMPLES = [
  ["popp-webhooks send", "one event, to dev"],
  ["popp-webhooks send DOCUMENT_UPLOADED --data recordId=4711", "another one, changed"],
  ["popp-webhooks send --chaos --url http://127.0.0.1:3000/webhooks/popp", "what production brings"],
  ["popp-webhooks send --count 100000 --rate 5000", "load"],
] as const;

/** At most so many at once where a rate says how many there are. */
const CONCURRENCY_AT_A_RATE = 256;

/** What a chaos run decides itself. */
const NOT_WITH_CHAOS = ["all", "file", "edit", "eventId", "header", "count", "rate", "concurrency", "curl", "expect"];

/** They are about an answer, or about many. */
const NOT_WITH_CURL = ["count", "rate", "concurrency", "expect", "verbose"];

const number = (option: string, max: number) => wholeNumber(option, { min: 1, max });

/** `send`: sends signed events, as Popp does. */
export function sendCommand(): Command {
  return newCommand("send", "Send signed events, as Popp does.", EXAMPLES)
    .argument("[event...]", "documented events (default: CONVERSATION_COMPLETED)")
    .option("-u, --url <url>", "where to (default: dev on this machine)", httpUrl("--url"))
    .option("--all", "every documented event")
    .option("-d, --data <key=value>", "set a field of the data, such as a.b.0=1", collected(changeOf))
    .option("-f, --file <file>", "this body, byte for byte; - is standard input")
    .option("--edit", "change the body in your editor first")
    .option("--event-id <id>", "this id, and not a new one each time")
    .option("-H, --header <name=value>", "a further header", collected(headerOf))
    .option("-n, --count <n>", "how often each event is sent", number("--count", 1_000_000_000))
    .option("--rate <n>", "how many a second", number("--rate", 100_000))
    .option("--concurrency <n>", "how many at once (default: 1; at a rate 256)", number("--concurrency", 10_000))
    .addOption(new Option("--chaos", "duplicates, forgeries and more").conflicts(NOT_WITH_CHAOS))
    .addOption(new Option("--curl", "print a curl command and send nothing").conflicts(NOT_WITH_CURL))
    .option("--expect <status>", "the right answer (default: 200)", wholeNumber("--expect", { min: 100, max: 599 }))
    .option("--timeout-ms <ms>", "how long to wait for an answer", number("--timeout-ms", 3_600_000), 30_000)
    .option("-v, --verbose", "show headers; of many deliveries, show each")
    .option(...SECRET_OPTIONS.secret)
    .option(...SECRET_OPTIONS.secretFile)
    .action(async (given, options) => {
      const output = outputOf(options);
      if (options.file === "-" && options.secretFile === "-")
        throw new CliError("usage", "USAGE", "Standard input cannot be both the body and the secret.");
      if (options.chaos && given.length > 1)
        throw new CliError("usage", "USAGE", "--chaos sends one kind of event: name one.");
      const { url = new URL(DEV_URL), header: headers = [], expect = 200, timeoutMs, count = 1, rate } = options;
      const sources = await sourcesOf(given, options, output.say);
      const { secret, from } = readSecret(options, output.say);
      const [source] = sources;
      if (!source) return;
      if (options.curl) return printCurl();

      const total = sources.length * count;
      const concurrency = options.concurrency ?? (rate ? CONCURRENCY_AT_A_RATE : 1);
      const target = { url, secret, headers, timeoutMs, agent: agentFor(url, concurrency) };
      const stop = new AbortController();
      const interrupt = () => {
        if (options.chaos) process.exit(EXIT_CODES.interrupted);
        stop.abort();
        target.agent.destroy();
      };
      process.once("SIGINT", interrupt);
      try {
        process.exitCode = await (options.chaos
          ? sendChaos(source, target, output)
          : total === 1
            ? single()
            : sendMany({
                ...{ sources, target, expect, stop, output, total, concurrency },
                ...{ perSecond: rate, isVerbose: options.verbose ?? false },
              }));
      } finally {
        process.off("SIGINT", interrupt);
        target.agent.destroy();
      }

      async function single(): Promise<number> {
        const delivered = await deliver(source as NonNullable<typeof source>, target).catch((error: unknown) => {
          throw stop.signal.aborted
            ? new CliError("interrupted", "INTERRUPTED", "Interrupted before the answer came.")
            : error;
        });
        const { status } = delivered.answer;
        const isRight = status === expect;
        printDelivered(output, delivered, { isRight, showsHeaders: options.verbose ?? false });
        if (status === 401 && !isRight)
          output.say(`It was signed with the secret of ${from}. The server may have another one.`);
        return isRight ? 0 : EXIT_CODES.failed;
      }

      function printCurl() {
        for (const each of sources) {
          const { bytes } = each.next();
          const signed = signedHeaders(bytes, secret, headers);
          const curl = curlCommand(url, signed, each.file === undefined ? bytes : { file: each.file });
          output.result({ type: "curl", event: each.event, curl }, curl);
        }
      }
    }) as unknown as Command;
}
