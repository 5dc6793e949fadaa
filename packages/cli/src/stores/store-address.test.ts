import { expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";

it.each([
  "postgres:/user:hunter2@127.0.0.1/app",
  "jdbc:postgresql://user:hunter2@127.0.0.1/app",
  ' "postgres://user:hunter2@127.0.0.1/app"',
  "mysql://user:hunter2@127.0.0.1/app",
  "postgres://user:hunter2@127.0.0.1:port/app",
  "http://user:hunter2%zz@127.0.0.1:1/",
  "postgres://user:hunter2%zz@127.0.0.1:1/app",
])("does not repeat the password of an address that cannot be used: %s", async (store) => {
  for (const command of [["inbox", "list"], ["doctor"]]) {
    for (const json of [[], ["--json"]]) {
      const { code, stdout, stderr } = await runCli([...command, "--store", store, ...json]);
      expect(stdout + stderr).not.toContain("hunter2");
      expect(stdout + stderr).not.toContain("defect");
      expect(code).toBe(command[0] === "doctor" ? 1 : 4);
    }
  }
});
