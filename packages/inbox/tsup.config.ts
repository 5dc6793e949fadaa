import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    memory: "src/stores/memory/index.ts",
    sqlite: "src/stores/sqlite/index.ts",
    postgres: "src/stores/postgres/index.ts",
    redis: "src/stores/redis/index.ts",
    d1: "src/stores/d1/index.ts",
    "durable-object": "src/stores/durable-object/index.ts",
    opentelemetry: "src/telemetry/opentelemetry.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  // What rolls the types up drops this from the sources, and `AsyncDisposable` would be unknown to whoever checks libraries.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
  external: ["cloudflare:workers"],
});
