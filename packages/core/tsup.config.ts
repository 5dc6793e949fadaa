import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", diagnose: "src/diagnose/explain-mismatch.ts" },
  format: ["esm", "cjs"],
  target: "es2022",
  dts: true,
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
});
