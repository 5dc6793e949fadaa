import { project } from "../../vitest.workspace.ts";

export default project({ name: "testing", include: ["src/**/*.test.ts"] });
