/** Starts one server of a module, reports its port, and reports its CPU time on request. */
const [module = "", name = ""] = process.argv.slice(2);
const { servers }: { readonly servers: Readonly<Record<string, () => Promise<number>>> } = await import(module);
const port = await servers[name]?.();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system });
});
process.on("disconnect", () => process.exit());
process.send?.({ port });
