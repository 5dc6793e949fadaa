/** Loaded before the command line: reports the memory of its process now and then, after a collection. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

setInterval(() => {
  const rss = process.memoryUsage.rss();
  // What lives still: until it collects, V8 lets garbage lie as it sees fit.
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ rssMb: rss / 1_048_576, liveMb: (heapUsed + external) / 1_048_576 });
}, 3_000).unref();
