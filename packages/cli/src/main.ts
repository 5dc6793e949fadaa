#!/usr/bin/env node
// The first file that runs. It imports nothing at its top, so that an old Node gets a sentence and not a SyntaxError.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 18)) {
  process.stderr.write(`popp-webhooks needs Node 20.18 or newer. This is Node ${process.versions.node}.\n`);
  process.exitCode = 2;
} else {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2));
  // A connection to a server that hangs must not keep a command that has failed.
  if (process.exitCode !== 0) setTimeout(() => process.exit(), 2_000).unref();
}

export {};
