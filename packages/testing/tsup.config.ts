import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    adapter: "src/conformance/adapter/index.ts",
    conformance: "src/conformance/receiver.ts",
    store: "src/conformance/store/index.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  dts: true,
  treeshake: true,
  clean: true,
  removeNodeProtocol: false,
});
