/** Starts one server of a module, tells its port, and its CPU time whenever it is asked. */
const [module = "", name = ""] = process.argv.slice(2);
const { servers }: { readonly servers: Readonly<Record<string, () => Promise<number>>> } = await import(module);
const port = await servers[name]?.();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on("disconnect", () => process.exit());
process.send?.({ port });
