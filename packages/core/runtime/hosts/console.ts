import { report } from "../report.ts";

console.log(JSON.stringify(await report()));
