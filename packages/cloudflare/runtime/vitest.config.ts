import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** These tests run inside workerd, with its own Request, WebCrypto and execution context. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    cloudflareTest({
      miniflare: {
        compatibilityDate: "2026-07-01",
        compatibilityFlags: ["nodejs_compat"],
      },
    }),
  ],
  resolve: { conditions: ["@popp-webhooks/source"] },
  ssr: { resolve: { conditions: ["@popp-webhooks/source"] } },
  test: { name: "cloudflare-workerd", include: ["*.test.ts"] },
});
