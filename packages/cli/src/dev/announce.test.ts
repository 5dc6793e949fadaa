import { expect, it } from "vitest";
import { announce } from "./announce.ts";
import { isOwnName } from "./dev-server.ts";

/** The first lines of a `dev` that listens on an address of a network. */
function saidOn(hostNames: readonly string[]): string {
  const said: string[] = [];
  const webhook = new URL("http://192.0.2.1:4400/webhooks/popp");
  announce(
    { isJson: false, result: () => {}, say: (text) => said.push(text) },
    {
      ...{ webhook, page: "http://192.0.2.1:4400/", isPageOpen: isOwnName(webhook.host, hostNames) },
      ...{ secret: { secret: "s", from: ".env" }, forward: undefined, routes: [] },
      ...{ address: "192.0.2.1", folder: ".popp", hasKeys: false },
    },
  );
  return said.join("\n");
}

it("says that the page is closed under an address of the network, and how to open it", () => {
  expect(saidOn([])).toMatch(/^Page +closed under this address: --host-name 192\.0\.2\.1 opens it/m);
  expect(saidOn(["192.0.2.1"])).toMatch(/^Page +http:\/\/192\.0\.2\.1:4400\/$/m);
  expect(saidOn([])).toContain("warning: 192.0.2.1 can be reached from other machines.");
});
