import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What bundling gave: the one file, and what it would still import. */
export interface Bundle {
  readonly text: string;
  readonly imports: readonly string[];
}

/** Bundles a host with the cases and core's sources into one file, as it takes on a runtime without types or modules. */
export async function bundle(
  host: "console" | "worker" | "slow-handler" | "edge" | "script",
  platform: "neutral" | "browser" = "neutral",
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`hosts/${host}.ts`, import.meta.url))],
    bundle: true,
    format: host === "edge" || host === "script" ? "iife" : "esm",
    platform,
    mainFields: ["module", "main"],
    target: "es2022",
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { text: outputFiles.map(({ text }) => text).join(""), imports };
}
