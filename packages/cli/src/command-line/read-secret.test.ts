import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { emptyFolder } from "../../test/run-cli.ts";
import { findSecret, readSecret, SECRET_VARIABLE } from "./read-secret.ts";

let folder = "";
const said: string[] = [];
const find = (options = {}) => findSecret(options, (text) => said.push(text));

beforeEach(() => {
  folder = emptyFolder();
  said.length = 0;
  vi.spyOn(process, "cwd").mockReturnValue(folder);
  vi.stubEnv(SECRET_VARIABLE, undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

it("takes the option before the environment, the environment before files, and dev's file last", () => {
  expect(find()).toBeUndefined();
  mkdirSync(join(folder, ".popp"));
  writeFileSync(join(folder, ".popp/secret"), "made-by-dev\n");
  expect(find()).toEqual({ secret: "made-by-dev", from: ".popp/secret" });
  writeFileSync(join(folder, ".env"), `OTHER=1\n${SECRET_VARIABLE}="in env file"\n`);
  expect(find()).toEqual({ secret: "in env file", from: ".env" });
  writeFileSync(join(folder, ".env.local"), `${SECRET_VARIABLE}=local\n`);
  expect(find()).toEqual({ secret: "local", from: ".env.local" });
  vi.stubEnv(SECRET_VARIABLE, "environment");
  expect(find()).toEqual({ secret: "environment", from: SECRET_VARIABLE });
  writeFileSync(join(folder, "key"), "from a file\r\n");
  expect(find({ secretFile: join(folder, "key") })?.secret).toBe("from a file");
  expect(said).toEqual([]);
  expect(find({ secret: "option" })?.secret).toBe("option");
  expect(said).toEqual([expect.stringContaining("history")]);
});

it.each([[" spaced"], ["spaced\t"], ["'quoted'"], ['"quoted"'], [""], ["   "]])(
  "refuses %j, without printing it",
  (secret) => {
    vi.stubEnv(SECRET_VARIABLE, secret);
    expect(() => find()).toThrow(expect.objectContaining({ code: "SECRET_UNUSABLE" }));
    if (secret.trim() !== "")
      expect(() => find()).not.toThrow(expect.objectContaining({ message: expect.stringContaining(secret) }));
  },
);

it("says how to give a secret where there is none, and which file is missing", () => {
  expect(() => readSecret({}, () => {})).toThrow(/POPP_WEBHOOK_SECRET/);
  expect(() => find({ secretFile: join(folder, "nowhere") })).toThrow(/There is no file/);
});
