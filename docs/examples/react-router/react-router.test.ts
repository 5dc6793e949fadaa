import { describeExample } from "../describe-example.ts";

describeExample("react-router");
