/** Writes the machine-readable model into `schemas/`; a test holds that what is there is current. */
import { mkdirSync, writeFileSync } from "node:fs";
import { modelFiles } from "./model-files.ts";

const folder = new URL("../schemas/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of modelFiles()) writeFileSync(new URL(name, folder), text);
