import { writeFileSync } from "node:fs";
import { buildPage } from "./build-page.ts";

const { module } = await buildPage();
writeFileSync(new URL("../src/page.generated.ts", import.meta.url), module);
