import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/adapter.ts", "src/conformance.ts", "src/store.ts"],
  format: ["esm", "cjs"],
  target: "es2022",
  dts: true,
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
});
