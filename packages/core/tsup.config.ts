import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", diagnose: "src/diagnose/explain-mismatch.ts", internal: "src/internal.ts" },
  format: ["esm", "cjs"],
  target: "es2022",
  dts: true,
  treeshake: true,
  splitting: true,
  clean: true,
  removeNodeProtocol: false,
});
