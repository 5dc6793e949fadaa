import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";

// Only because this app lives in the repository of the packages it uses: an app of your own needs neither line.
const repository = fileURLToPath(new URL("../../../", import.meta.url));

export default {
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
} satisfies NextConfig;
