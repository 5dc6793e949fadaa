import { project } from "../../vitest.workspace.ts";

export default project({ name: "inbox", include: ["src/**/*.test.ts"], exclude: ["src/**/runtimes.test.ts"] });
