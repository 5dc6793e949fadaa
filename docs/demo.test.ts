import { execFile, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const cwd = fileURLToPath(new URL("examples/demo/", import.meta.url));
const command = ["--disable-warning=ExperimentalWarning", "--conditions=@popp-webhooks/source", "demo.ts"];

it("the demo writes no escape codes into a pipe, fits 100 columns, and ends with what to do next", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd });
  expect(stdout).not.toContain("\u001b");
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  expect(stdout).toMatch(/\nNext:\n(?: {2}\S.*\n)+$/);
});

it("--open leaves the inspector running on the events that were just delivered, until Ctrl+C", async () => {
  // Without a PATH no browser is found, as on a server.
  const demo = spawn(process.execPath, [...command, "--open"], { cwd, env: { ...process.env, PATH: "" } });
  const ended = new Promise((resolve) => demo.on("close", resolve));
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    demo.stdout.on("data", (text) => {
      output += text;
      const [, address] = /(http:\/\/127\.0\.0\.1:\d+\/)\nCtrl\+C/.exec(output) ?? [];
      if (address) resolve(address);
    });
    void ended.then(() => reject(new Error(output)));
  });
  expect(await (await fetch(url)).text()).toContain("<html");
  expect(await (await fetch(`${url}?api=page`)).text()).toContain("demo-fails");
  demo.kill("SIGINT");
  expect(await ended).toBe(0);
});
