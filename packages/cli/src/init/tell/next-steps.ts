import { WEBHOOK_PATH } from "../../command-line/dev-address.ts";
import type { Layout } from "../project/layout.ts";
import type { PackageManager } from "../project/package-manager.ts";
import type { Project } from "../project/read-project.ts";

/** A command line that comes next, and what it is for. */
export interface Step {
  readonly command: string;
  readonly meaning: string;
}

/** What the user does after `init`, to see a first delivery arrive. */
export function nextSteps({ manifest }: Project, layout: Layout, packages: PackageManager): readonly Step[] {
  const { isNew, isWorker, testRunner } = layout;
  const server = `http://127.0.0.1:${isWorker ? 8787 : 3000}${WEBHOOK_PATH}`;
  const start = isNew || manifest.scripts?.dev !== undefined ? packages.run("dev") : undefined;
  return [
    { command: packages.install, meaning: "install what was added to package.json" },
    ...(testRunner ? [{ command: testCommand(), meaning: "run the test of the route" }] : []),
    ...(start ? [{ command: start, meaning: "start your server" }] : []),
    {
      command: `npx @popp-webhooks/cli dev --forward ${server}`,
      meaning: "in a second terminal: record deliveries, and hand them on to your server",
    },
    { command: "npx @popp-webhooks/cli send", meaning: "in a third: send a signed delivery" },
  ];

  /** The script may be another one in a project that had it before. */
  function testCommand(): string {
    const script = manifest.scripts?.test;
    if (isNew || script === undefined || !/exit 1/.test(script)) return packages.run("test");
    return "npx vitest run";
  }
}
