import { project } from "../../vitest.workspace.ts";

export default project({ name: "express", include: ["src/**/*.test.ts"] });
