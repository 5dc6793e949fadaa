import type { Command } from "@commander-js/extra-typings";
import { signPayload } from "@popp-webhooks/testing";
import { DEV_URL } from "../command-line/dev-address.ts";
import { editText } from "../command-line/edit-text.ts";
import { newCommand } from "../command-line/new-command.ts";
import { type Output, outputOf, paint, printable } from "../command-line/output.ts";
import { httpUrl, wholeNumber } from "../command-line/parse-option.ts";
import { readSecret, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { type Answer, type HeaderPair, sendBytes } from "../http/send-bytes.ts";
import { readRecording } from "../recordings/read-recording.ts";
import { encodedBody } from "../recordings/recording.ts";

const EXAMPLES = [
  ["popp-webhooks replay", "the last recording, to dev"],
  ["popp-webhooks replay 3c21 --url http://127.0.0.1:3000/webhooks/popp", "one by a part of its id"],
  ["popp-webhooks replay last --edit", "change the body first; it is signed again"],
] as const;

/** What is sent, and how it is signed. */
interface Replay {
  readonly title: string;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
}

/** `replay`: sends recorded requests again, byte for byte. */
export function replayCommand(): Command {
  return newCommand("replay", "Send recorded requests again, with their own signatures.", EXAMPLES)
    .argument("[id...]", "`last`, ids, or parts of ids", ["last"])
    .option("-u, --url <url>", "where to", httpUrl("--url"), new URL(DEV_URL))
    .option("--edit", "change the body in your editor first")
    .option("--expect <status>", "the status that is right", wholeNumber("--expect", { min: 100, max: 599 }), 200)
    .option(
      "--timeout-ms <ms>",
      "how long to wait for an answer",
      wholeNumber("--timeout-ms", { min: 1, max: 3_600_000 }),
      30_000,
    )
    .option(...SECRET_OPTIONS.secret)
    .option(...SECRET_OPTIONS.secretFile)
    .action(async (references, options) => {
      const output = outputOf(options);
      let wrong = 0;
      for (const reference of references) {
        const replay = await prepared(reference);
        const answer = await sendBytes({ ...replay, url: options.url, timeoutMs: options.timeoutMs });
        if (answer.status !== options.expect) wrong++;
        print(output, replay.title, answer, answer.status === options.expect);
      }
      process.exitCode = wrong > 0 ? 1 : 0;

      async function prepared(reference: string): Promise<Replay> {
        const { id, request, body } = await readRecording(reference);
        const { method, headers, event } = request;
        const title = `${event ?? method}  ${id}`;
        if (!options.edit) return { title, method, headers, body };
        const edited = new TextEncoder().encode(editText(new TextDecoder().decode(body), { isAllowed: options.input }));
        if (Buffer.from(edited).equals(body)) return { title, method, headers, body };
        const { secret, from } = readSecret(options, output.say);
        output.say(`The body was changed: it is signed again, with the secret of ${from}.`);
        const kept = headers.filter(([name]) => !/^x-signature$/i.test(name));
        return { title, method, headers: [...kept, ["x-signature", await signPayload(edited, secret)]], body: edited };
      }
    }) as unknown as Command;
}

function print(output: Output, title: string, { status, body, durationMs }: Answer, isRight: boolean): void {
  const ms = Math.round(durationMs);
  const text = new TextDecoder().decode(body).split("\n").map(printable).join("\n  ");
  output.result(
    { title, status, isRight, ms, ...encodedBody(body) },
    `${paint(isRight ? "green" : "red", `${status}`)} ${printable(title)}  ${ms} ms\n  ${text}`,
  );
}
