import { report } from "../report.ts";

export default { fetch: async () => Response.json(await report()) };
