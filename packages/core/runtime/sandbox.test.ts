import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { describeRuntime } from "./describe-runtime.ts";

/** What core needs of the web's standards; nothing of Node, so no `process`, no `Buffer`, no `require`. */
const web = {
  ...{ Request, Response, Headers, ReadableStream, AbortController, TextEncoder, TextDecoder },
  ...{ crypto, atob, btoa, setTimeout, clearTimeout },
  // The bytes that all of these hand over are of this realm.
  ...{ Uint8Array, ArrayBuffer },
};

describeRuntime("a realm with web globals only", {
  hmac: "WebCrypto",
  self: /^unknown$/,
  run: async () => {
    const realm = createContext({ ...web });
    runInContext((await bundle("script")).text, realm);
    return runInContext("report()", realm);
  },
});

describe("core, bundled", () => {
  it.each(["neutral", "browser"] as const)("imports nothing for the platform %s", async (platform) => {
    const { imports, text } = await bundle("worker", platform);
    expect(imports).toEqual([]);
    expect(text).not.toMatch(/(?:from|import|require)\s*\(?\s*["']node:/);
  });
});
