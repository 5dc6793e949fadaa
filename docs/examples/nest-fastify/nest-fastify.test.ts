import { describeExample } from "../describe-example.ts";

describeExample("nest-fastify");
describeExample("nest-fastify", { script: "start:controller", path: "/api/webhooks/popp" });
