import { describeExample } from "../describe-example.ts";

describeExample("hono-workers", {
  args: (port, secret) => `--port ${port} --var POPP_WEBHOOK_SECRET:${secret}`,
});
