import { describeExample } from "../describe-example.ts";

describeExample("nest-express");
describeExample("nest-express", { script: "start:controller", path: "/api/webhooks/popp" });
