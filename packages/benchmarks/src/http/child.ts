/** Starts one server, tells its port, and its CPU time whenever it is asked. */
import { type ServerName, servers } from "./servers.ts";

const port = await servers[process.argv[2] as ServerName]();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on("disconnect", () => process.exit());
process.send?.({ port });
