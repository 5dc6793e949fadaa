import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

/** What users import together, with what its bundle may weigh and what we promise: minified and gzipped. */
export const SIZE_LIMITS: readonly SizeLimit[] = [
  { what: "verifySignature", names: ["verifySignature"], maxBytes: 4_550, promisedBytes: 3_100 },
  {
    what: "verifySignature, parseEvent and the catalog",
    names: ["verifySignature", "parseEvent"],
    maxBytes: 7_400,
    promisedBytes: 6_700,
  },
  {
    what: "the whole receiver",
    names: ["verifySignature", "parseEvent", "createReceiver", "isWebhookError"],
    maxBytes: 11_200,
    promisedBytes: 9_600,
  },
];

/** One limit on the size of a bundle. */
export interface SizeLimit {
  readonly what: string;
  /** The exports of core that are bundled. */
  readonly names: readonly string[];
  /** A test fails above it, so that a bundle cannot grow unseen. */
  readonly maxBytes: number;
  /** The benchmarks report whether it is met. */
  readonly promisedBytes: number;
}

/** A bundle for a platform without Node's modules, as an edge function is deployed. */
export interface Bundle {
  readonly gzippedBytes: number;
  /** The modules that the bundle still imports. */
  readonly imports: readonly string[];
  readonly text: string;
}

/** Bundles exports of core from its sources. */
export function bundleOfCore(names: readonly string[]): Promise<Bundle> {
  return bundleOf(
    `export { ${names.join(", ")} } from "./index.ts";`,
    fileURLToPath(new URL("../src", import.meta.url)),
  );
}

/** Bundles a module. Its imports are resolved from `folder`; `options` changes how esbuild bundles it. */
export async function bundleOf(
  code: string,
  folder: string,
  options: Pick<BuildOptions, "platform" | "external"> = {},
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    logLevel: "silent",
    ...options,
    write: false,
    metafile: true,
  });
  const file = outputFiles[0];
  if (file === undefined) throw new Error("esbuild gave no output");
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  return { gzippedBytes: gzipSync(file.contents, { level: 9 }).byteLength, imports, text: file.text };
}
