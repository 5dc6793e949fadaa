import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";
import { startDev } from "../../test/start-dev.ts";

describe("where dev listens", () => {
  it.each([
    ["--path", ["//evil.example/x", "/a/../b", "/a?b", "/readyz", "/", "", "/\u001b[31m", "http://evil.example/"]],
    ["--listen", ["", " ", "a b"]],
    ["--host-name", ["", "popp.example:8080", "https://popp.example", "a/b", "user@popp.example"]],
  ])("refuses another %s", async (option, values) => {
    for (const value of values) {
      const { code, stderr } = await runCli(["dev", "--port", "0", option, value]);
      expect(stderr).toMatch(new RegExp(`${option} takes`));
      expect(code).toBe(2);
    }
  });

  it("prints an address that answers when it listens on all of the machine's", async () => {
    const dev = await startDev(["--listen", "0.0.0.0"]);
    expect(dev.output()).toMatch(/0\.0\.0\.0 can be reached from other machines/);
    expect((await fetch(`${dev.origin}/`)).status).toBe(200);
  });

  it("takes a name in any case", async () => {
    const dev = await startDev(["--host-name", "Popp.Example"]);
    const status = await new Promise((resolve, reject) => {
      request(dev.origin, { headers: { host: "popp.example:8080" } }, ({ statusCode }) => resolve(statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(200);
  });
});
