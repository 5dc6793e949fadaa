import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../command-line/cli-error.ts";
import { newCommand } from "../command-line/new-command.ts";
import { cut, outputOf, printable, tableOf } from "../command-line/output.ts";
import { wholeNumber } from "../command-line/parse-option.ts";
import { poppFolder } from "../command-line/popp-folder.ts";
import { readRecording, readSome } from "./read-recording.ts";
import { Recorder, recordingIds } from "./recorder.ts";
import type { Recording } from "./recording.ts";
import { REDACTED_SECRET, Redactor } from "./redact-recording.ts";

const EXAMPLES = [
  ["popp-webhooks recordings", "the latest requests"],
  ["popp-webhooks recordings last", "one request, whole, with its answer"],
  ["popp-webhooks recordings last --redact test/recordings", "a copy for git, without personal data"],
] as const;

/** `recordings`: the requests that `dev` recorded. */
export function recordingsCommand(): Command {
  return newCommand("recordings", "List, show and redact the requests that dev recorded.", EXAMPLES)
    .argument("[id...]", "`last`, ids, or parts of ids")
    .option("--limit <count>", "how many to list", wholeNumber("--limit", { min: 1, max: 1_000 }), 20)
    .option("--redact <folder>", `write copies with other values, signed with "${REDACTED_SECRET}"`)
    .action(async (references, options) => {
      const output = outputOf(options);
      const recordings = await Promise.all(references.map((reference) => readRecording(reference)));
      if (options.redact !== undefined) return redact(options.redact);
      if (recordings.length > 0) return recordings.forEach(show);
      return list();

      async function list() {
        const { recordings: folder } = poppFolder();
        const ids = (await recordingIds(folder)).slice(-options.limit).reverse();
        const listed = await readSome(folder, ids, (warning) => output.say(printable(warning)));
        if (output.isJson) for (const each of listed) output.result(summaryOf(each), "");
        else if (ids.length === 0) output.say(`Nothing is recorded in ${folder}. \`popp-webhooks dev\` records.`);
        else output.result({}, tableOf(["id", "event", "verdict", "answer"], listed.map(rowOf)));
      }

      function show(recording: Recording) {
        const { request, body, response } = recording;
        const pairs = request.headers.map(([name, value]) => `${printable(name)}: ${printable(value)}`);
        const answer = response
          ? [
              `${response.status} from ${printable(response.from)} in ${response.ms} ms`,
              printableBody(Buffer.from(response.body, response.encoding)),
            ]
          : ["There was no answer."];
        output.result(
          { ...summaryOf(recording), ...request, response: response ?? null },
          [
            ...[
              `${printable(`${request.method} ${request.path}`)}  ${request.receivedAt}  ${printable(request.verdict)}`,
              ...(request.explanation ? [printable(request.explanation)] : []),
            ],
            ...["", ...pairs, "", printableBody(body), "", ...answer, "", `Files: ${recording.folder}`],
          ].join("\n"),
        );
      }

      async function redact(folder: string) {
        if (recordings.length === 0)
          throw new CliError("usage", "USAGE", "--redact needs the ids of recordings, or `last`.");
        const redactor = new Redactor();
        const recorder = await Recorder.open(folder, Number.POSITIVE_INFINITY);
        for (const recording of recordings) {
          const id = await recorder.request(await redactor.redact(recording));
          output.result({ id: recording.id, copy: id, folder }, `${folder}/${id}`);
        }
        output.say(
          `Values were replaced, and the copies are signed with "${REDACTED_SECRET}". Look at them before you commit them: keys are as they were.`,
        );
      }
    }) as unknown as Command;
}

function summaryOf({ id, folder, request, response }: Recording) {
  const { receivedAt, method, path, verdict, explanation, event, eventId } = request;
  return {
    id,
    receivedAt,
    method,
    path,
    verdict,
    explanation,
    event,
    eventId,
    status: response?.status ?? null,
    folder,
  };
}

function rowOf({ id, request, response }: Recording): string[] {
  return [
    id,
    cut(printable(request.event ?? `${request.method} ${request.path}`), 34),
    printable(request.verdict),
    `${response?.status ?? "none"}`,
  ];
}

/** Line by line, so that a text stays readable. */
function printableBody(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).split("\n").map(printable).join("\n");
}
