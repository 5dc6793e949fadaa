import { describeExample } from "../describe-example.ts";

describeExample("worker", {
  args: (port, secret) => `--port ${port} --var POPP_WEBHOOK_SECRET:${secret}`,
});
