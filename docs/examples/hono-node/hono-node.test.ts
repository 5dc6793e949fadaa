import { describeExample } from "../describe-example.ts";

describeExample("hono-node");
