import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Timing } from "./compare.ts";
import { type Result, ratio } from "./result.ts";

/** Runs in a separate process, because core chooses its crypto once, with the first delivery. */
export async function webCrypto(rounds: number): Promise<Result[]> {
  const script = fileURLToPath(new URL("web-crypto-child.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, `${rounds}`]);
  const timings: { ours: Timing; floor: Timing } = JSON.parse(stdout);
  return [
    ratio(
      "verifySignature by WebCrypto, 350 B",
      timings.ours,
      "crypto.subtle.sign, key imported before",
      timings.floor,
      1.1,
    ),
  ];
}
