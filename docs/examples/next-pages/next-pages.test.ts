import { describeExample } from "../describe-example.ts";

describeExample("next-pages", { path: "/api/webhooks/popp" });
