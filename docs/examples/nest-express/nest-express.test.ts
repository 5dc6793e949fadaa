import { describeExample } from "../describe-example.ts";

describeExample("nest-express");
