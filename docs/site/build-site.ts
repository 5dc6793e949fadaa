import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Builds the site once for all its tests. With `SITE_BUILT=1` the site that lies there is tested. */
export async function setup(): Promise<void> {
  if (process.env.SITE_BUILT === "1") return;
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const node = (...args: string[]) => promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 2 ** 26 });
  await node("--conditions=@popp-webhooks/source", "scripts/write-pages.ts");
  await node("node_modules/typedoc/bin/typedoc");
  await node("node_modules/vitepress/bin/vitepress.js", "build");
}
