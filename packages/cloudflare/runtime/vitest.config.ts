import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { project } from "../../../vitest.workspace.ts";

/** These tests run inside workerd, with its own Request, WebCrypto and execution context. */
export default project(
  { name: "cloudflare-workerd", include: ["*.test.ts"] },
  {
    root: import.meta.dirname,
    plugins: [
      cloudflareTest({
        miniflare: {
          compatibilityDate: "2026-07-01",
          compatibilityFlags: ["nodejs_compat"],
        },
      }),
    ],
  },
);
