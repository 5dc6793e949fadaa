import { EdgeRuntime } from "edge-runtime";
import { bundle } from "./bundle.ts";
import { describeRuntime } from "./describe-runtime.ts";

describeRuntime("the edge runtime", {
  hmac: "WebCrypto",
  // It has no `navigator`.
  self: /^unknown$/,
  run: async () => {
    const runtime = new EdgeRuntime({ initialCode: (await bundle("edge")).text });
    const answer = await runtime.dispatchFetch("http://localhost/");
    return JSON.parse(await answer.text());
  },
});
