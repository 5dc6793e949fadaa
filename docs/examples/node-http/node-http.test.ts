import { describeExample } from "../describe-example.ts";

describeExample("node-http");
