import { type Output, paintWords, printable } from "../command-line/output.ts";
import type { FoundSecret } from "../command-line/read-secret.ts";
import { withoutPassword } from "../http/send-bytes.ts";
import { KEYS } from "./keys.ts";
import { isLoopback } from "./listen-options.ts";
import type { Route } from "./targets.ts";

/** What the first lines of `dev` tell. */
export interface Started {
  readonly webhook: URL;
  readonly page: string;
  /** Whether the page answers under its own address: it does under loopback names and those that were given. */
  readonly isPageOpen: boolean;
  readonly secret: FoundSecret;
  readonly forward: URL | undefined;
  readonly routes: readonly Route[];
  /** The address that it listens on. */
  readonly address: string;
  /** Where requests are recorded. */
  readonly folder: string;
  readonly hasKeys: boolean;
}

/** Tells where `dev` listens, with which secret, and what becomes of a request. */
export function announce(output: Output, { webhook, page, isPageOpen, secret, ...started }: Started): void {
  const { forward, routes, address, folder, hasKeys } = started;
  if (output.isJson) output.result({ type: "listening", webhook: webhook.href, page, secretFrom: secret.from }, "");
  const isMadeByDev = secret.from === ".popp/secret";
  const lines = [
    `Webhook  ${paintWords("bold", webhook.href)}`,
    `Page     ${isPageOpen ? paintWords("bold", page) : `closed under this address: --host-name ${webhook.hostname} opens it to all who reach it`}`,
    `Secret   ${isMadeByDev ? `${printable(secret.secret)}   (made by dev, kept in .popp/secret)` : `the one of ${secret.from}`}`,
    ...(forward ? [`Forward  ${withoutPassword(forward)}`] : []),
    ...routes.map(({ event, url }) => `Forward  ${event} → ${withoutPassword(url)}`),
    `Requests are recorded in ${folder}. They hold personal data: git ignores the folder.`,
    ...(isLoopback(address) ? [] : [paintWords("yellow", `warning: ${address} can be reached from other machines.`)]),
    hasKeys ? KEYS : "Ctrl+C ends it.",
  ];
  output.say(`${lines.join("\n")}\n`);
}
