import { project } from "../../vitest.workspace.ts";

export default project({ name: "fastify", include: ["src/**/*.test.ts"] });
