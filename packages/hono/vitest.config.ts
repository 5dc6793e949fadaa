import { project } from "../../vitest.workspace.ts";

export default project({ name: "hono", include: ["src/**/*.test.ts"] });
