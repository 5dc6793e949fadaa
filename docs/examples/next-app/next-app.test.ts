import { describeExample } from "../describe-example.ts";

describeExample("next-app");
