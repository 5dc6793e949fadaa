import { report } from "../report.ts";

Object.assign(globalThis, { report });
