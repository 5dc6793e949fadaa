import { project } from "../../vitest.workspace.ts";

export default project({ name: "core", include: ["src/**/*.test.ts", "scripts/*.test.ts"] });
