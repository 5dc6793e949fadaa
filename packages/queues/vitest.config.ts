import { project } from "../../vitest.workspace.ts";

export default project({ name: "queues", include: ["src/**/*.test.ts"] });
