import { project } from "../vitest.workspace.ts";

export default project({ name: "docs", include: ["*.test.ts", ".vitepress/**/*.test.ts"] });
