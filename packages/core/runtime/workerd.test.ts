import { Miniflare } from "miniflare";
import { bundle } from "./bundle.ts";
import { describeRuntime } from "./describe-runtime.ts";
import type { Report } from "./report.ts";

async function run(compatibilityFlags: string[]): Promise<Report> {
  const { text } = await bundle("worker");
  const workerd = new Miniflare({ modules: true, script: text, compatibilityDate: "2026-07-30", compatibilityFlags });
  try {
    const answer = await workerd.dispatchFetch("http://localhost/");
    return JSON.parse(await answer.text());
  } finally {
    await workerd.dispose();
  }
}

const self = /^Cloudflare-Workers$/;

describeRuntime("workerd", { hmac: "WebCrypto", self, run: () => run([]) });
describeRuntime("workerd with nodejs_compat", { hmac: "node:crypto", self, run: () => run(["nodejs_compat"]) });
