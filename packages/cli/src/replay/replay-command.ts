import type { Command } from "@commander-js/extra-typings";
import { signPayload } from "@popp-webhooks/testing";
import { DEV_URL } from "../command-line/dev-address.ts";
import { editText } from "../command-line/edit-text.ts";
import { newCommand } from "../command-line/new-command.ts";
import { type Output, outputOf, paint, printable } from "../command-line/output.ts";
import { httpUrl, wholeNumber } from "../command-line/parse-option.ts";
import { readSecret, SECRET_OPTIONS } from "../command-line/read-secret.ts";
import { answerLines } from "../http/answer-lines.ts";
import { type Answer, type HeaderPair, sendBytes } from "../http/send-bytes.ts";
import { encodedBody } from "../recordings/recording.ts";
import { openInbox } from "../stores/open-inbox.ts";
import { withStoreOptions } from "../stores/store-options.ts";
import { recordedRequest, storedRequest, withBody } from "./replayed-request.ts";

const EXAMPLES = [
  ["popp-webhooks replay", "the last recording, to dev"],
  ["popp-webhooks replay 3c21 --url http://127.0.0.1:3000/webhooks/popp", "one by a part of its id"],
  ["popp-webhooks replay last --edit", "change the body first; it is signed again"],
  ["popp-webhooks replay --inbox evt_123", "a stored event, from the inbox of dev"],
] as const;

/** `replay`: sends recorded requests again, byte for byte. */
export function replayCommand(): Command {
  const command = newCommand("replay", "Send recorded requests again, with their own signatures.", EXAMPLES)
    .argument("[id...]", "`last`, ids, or parts of ids", ["last"])
    .option("-u, --url <url>", "where to", httpUrl("--url"), new URL(DEV_URL))
    .option("--inbox", "the ids are those of stored events; they are signed again")
    .option("--edit", "change the body in your editor first")
    .option("--expect <status>", "the status that is right", wholeNumber("--expect", { min: 100, max: 599 }), 200)
    .option(
      "--timeout-ms <ms>",
      "how long to wait for an answer",
      wholeNumber("--timeout-ms", { min: 1, max: 3_600_000 }),
      30_000,
    )
    .option(...SECRET_OPTIONS.secret)
    .option(...SECRET_OPTIONS.secretFile);
  return withStoreOptions(command).action(async (references, options) => {
    const output = outputOf(options);
    const { say } = output;
    const inbox = options.inbox ? await openInbox(options.store, { ...options, say }) : undefined;
    let wrong = 0;
    try {
      for (const reference of references) {
        const replay = await prepared(reference);
        const answer = await sendBytes({ ...replay, url: options.url, timeoutMs: options.timeoutMs });
        if (answer.status !== options.expect) wrong++;
        print(output, replay.title, answer, answer.status === options.expect);
      }
    } finally {
      await inbox?.close();
    }
    process.exitCode = wrong > 0 ? 1 : 0;

    async function prepared(reference: string) {
      const found = inbox ? await storedRequest(inbox, reference) : await recordedRequest(reference);
      const request = options.edit ? withBody(found, edited(found.body)) : found;
      if (request.signAgain === null) return request;
      const { secret, from } = readSecret(options, say);
      say(`${request.signAgain}: it is signed again, with the secret of ${from}.`);
      const signature: HeaderPair = ["x-signature", await signPayload(request.body, secret)];
      return { ...request, headers: [...request.headers, signature] };
    }

    function edited(body: Uint8Array): Uint8Array {
      return new TextEncoder().encode(editText(new TextDecoder().decode(body), { isAllowed: options.input }));
    }
  }) as unknown as Command;
}

function print(output: Output, title: string, { status, body, durationMs }: Answer, isRight: boolean): void {
  const ms = Math.round(durationMs);
  output.result(
    { title, status, isRight, ms, ...encodedBody(body) },
    [`${paint(isRight ? "green" : "red", `${status}`)} ${printable(title)}  ${ms} ms`, ...answerLines(body)].join(
      "\n  ",
    ),
  );
}
