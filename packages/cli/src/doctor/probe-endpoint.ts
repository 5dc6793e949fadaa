import { randomBytes } from "node:crypto";
import { fixture, signPayload } from "@popp-webhooks/testing";
import { CliError } from "../command-line/cli-error.ts";
import { type Answer, sendBytes } from "../http/send-bytes.ts";
import { type Finding, findingsOf } from "./finding.ts";

const finding = findingsOf("endpoint");

const TIMEOUT_MS = 15_000;

/** What a probe found, and whether the bytes of its body reached the receiver. */
export interface Probed {
  readonly finding: Finding;
  readonly arrived: boolean | undefined;
}

/**
 * Sends a delivery that is signed wrongly on purpose, so that no handler runs: the answer says whether its bytes reached the receiver.
 *
 * @param parsers - places that call body parsers, named where one has parsed the probe
 */
export async function probeEndpoint(url: URL, parsers: readonly string[]): Promise<Probed> {
  const body = Buffer.from(JSON.stringify({ ...fixture("CONVERSATION_STARTED"), eventId: "popp-webhooks-doctor" }));
  const headers = [
    ["content-type", "application/json"],
    ["user-agent", "popp-webhooks-doctor"],
    ["x-signature", await signPayload(body, randomBytes(32).toString("hex"))],
  ] as const;
  try {
    const answer = await sendBytes({ url, method: "POST", headers, body, timeoutMs: TIMEOUT_MS });
    return judged(answer, parsers);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const [problem = "", ...fix] = error.message.replace(url.origin, "The endpoint").split(/(?<=\.) /);
    return { finding: finding("problem", problem, fix.join(" ")), arrived: undefined };
  }
}

function judged({ status, headers, body }: Answer, parsers: readonly string[]): Probed {
  const text = Buffer.from(body).toString("utf8");
  const code = codeOf(text);
  const problem = (message: string, fix: string, arrived?: boolean) => ({
    finding: finding("problem", message, fix),
    arrived,
  });
  switch (code) {
    case "SIGNATURE_MISMATCH":
      return {
        finding: finding(
          "ok",
          "It refused a delivery that was signed wrongly on purpose: the bytes arrived (401 SIGNATURE_MISMATCH).",
        ),
        arrived: true,
      };
    case "SIGNATURE_MISSING":
    case "SIGNATURE_MALFORMED":
      return {
        finding: finding(
          "warning",
          `The bytes arrived, but not the header x-signature (401 ${code}).`,
          "Let the proxy before your app pass the header on. If the receiver has `scheme.header`, that is why.",
        ),
        arrived: true,
      };
    case "BODY_CONSUMED":
      return problem(
        "A body parser has read the body before the receiver (500 BODY_CONSUMED): no signature can be verified.",
        `Mount the route before express.json() and other parsers.${parsers.length > 0 ? ` Parsers are called in ${parsers.join(", ")}.` : ""}`,
        false,
      );
    case "SECRET_MISSING":
      return problem(
        "The receiver there has no secret (500 SECRET_MISSING).",
        "Set POPP_WEBHOOK_SECRET where it runs, and restart it.",
      );
  }
  if (code !== undefined)
    return problem(`It answered ${status} ${code}.`, `See the page of the error ${code} in the documentation.`);
  const location = headers.find(([name]) => /^location$/i.test(name))?.[1];
  const isHtml = /^\s*<(?:!doctype|html)/i.test(text);
  return problem(
    `It answered ${status}${isHtml ? " with a page of HTML" : ""}.`,
    adviceFor(status, location !== undefined, isHtml),
  );
}

function adviceFor(status: number, redirects: boolean, isHtml: boolean): string {
  if (redirects || (status >= 300 && status < 400))
    return "Give the final address, with https and the exact slash at its end: a redirected POST loses its body.";
  if (status === 404) return "Check the path, and that the route is deployed there.";
  if (status === 405) return "Let the route take POST.";
  if (status === 401 || status === 403)
    return "Something before the receiver wants a login, such as middleware or a firewall. Let POST requests to this path through.";
  if (status === 413) return "Raise the limit of the proxy or parser before your app to 1 MB.";
  if (status >= 200 && status < 300)
    return isHtml
      ? "A page answers there, not the receiver. Check the path."
      : "It accepts a wrong signature: anybody can send events. Mount the receiver there, or check that nothing answers before it.";
  return "The answer is not the receiver's. Look at the log of the server and of the proxy before it.";
}

function codeOf(text: string): string | undefined {
  try {
    const code: unknown = JSON.parse(text)?.error?.code;
    return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
