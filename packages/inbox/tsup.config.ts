import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/memory.ts",
    "src/sqlite.ts",
    "src/postgres.ts",
    "src/redis.ts",
    "src/d1.ts",
    "src/durable-object.ts",
    "src/opentelemetry.ts",
  ],
  format: ["esm", "cjs"],
  target: "es2022",
  // What rolls the types up drops this from the sources, and `AsyncDisposable` would be unknown to whoever checks libraries.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
  external: ["cloudflare:workers"],
});
