import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "runtimes",
    include: ["*.test.ts"],
    // One runtime after the other: on a small machine two browsers' worth of start-up slow everything else down.
    fileParallelism: false,
  },
});
