import { project } from "../../vitest.workspace.ts";

export default project({ name: "cloudflare", include: ["src/**/*.test.ts"] });
