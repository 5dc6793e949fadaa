import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { isWebhookError, WebhookError } from "./webhook-error.ts";

const foreign = (code: string) =>
  runInNewContext(`Object.assign(new Error(), { name: "WebhookError", code: "${code}" })`);

describe("isWebhookError", () => {
  it.each<[string, unknown]>([
    ["of this copy", new WebhookError("INTERNAL", "It failed.")],
    ["of another realm", foreign("INTERNAL")],
  ])("knows one %s, with its code and without", (_, error) => {
    expect(isWebhookError(error)).toBe(true);
    expect(isWebhookError(error, "INTERNAL")).toBe(true);
    expect(isWebhookError(error, "OVERLOADED")).toBe(false);
  });

  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["an error without a code", Object.assign(new Error(), { name: "WebhookError" })],
    ["a code that does not exist", foreign("toString")],
    ["a code that is no text", Object.assign(new Error(), { name: "WebhookError", code: ["INTERNAL"] })],
    ["an object that is no error", { name: "WebhookError", code: "INTERNAL" }],
    ["a revoked proxy", proxy],
    [
      "an error whose name throws",
      Object.defineProperty(new Error(), "name", {
        get: () => {
          throw new Error("unreadable");
        },
      }),
    ],
  ])("does not take %s for one", (_, error) => {
    expect(isWebhookError(error)).toBe(false);
  });
});
