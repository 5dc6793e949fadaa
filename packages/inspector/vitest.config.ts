import { project } from "../../vitest.workspace.ts";

export default project({ name: "inspector", include: ["src/**/*.test.ts"] });
