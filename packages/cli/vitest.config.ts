import { project } from "../../vitest.workspace.ts";

export default project({ name: "cli", include: ["src/**/*.test.ts"], globalSetup: ["test/build.ts"] });
