import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fixture, signPayload } from "@popp-webhooks/testing";
import { emptyFolder, type RunningCli, type RunOptions, startCli } from "./run-cli.ts";

/** A `dev` that listens. */
export interface RunningDev extends RunningCli {
  readonly cwd: string;
  /** The address of its page. */
  readonly origin: string;
  readonly webhook: string;
  readonly secret: string;
}

/** Starts `dev` on a free port of an empty folder, with a secret of its own. */
export async function startDev(args: readonly string[] = [], options: RunOptions = {}): Promise<RunningDev> {
  const cwd = options.cwd ?? emptyFolder();
  const running = startCli(["dev", "--port", "0", ...args], { ...options, cwd });
  const [, webhook = ""] = await running.saw(/Webhook {2}\S*?(http:\/\/[\w.:[\]/-]+)/);
  await running.saw(/Ctrl\+C ends it|q quits/);
  const file = join(cwd, ".popp/secret");
  const secret = options.env?.POPP_WEBHOOK_SECRET ?? readFileSync(file, "utf8").trim();
  return { ...running, cwd, webhook, origin: new URL(webhook).origin, secret };
}

/** A body as Popp would send it. */
export const bodyOf = (eventId: string): string =>
  JSON.stringify(fixture("CONVERSATION_COMPLETED", { eventId, eventTimestamp: new Date().toISOString() }));

/** Sends a body with its signature. */
export async function deliver(
  { webhook, secret }: RunningDev,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const signature = await signPayload(body, secret);
  return fetch(webhook, { method: "POST", body, headers: { "x-signature": signature, ...headers } });
}
