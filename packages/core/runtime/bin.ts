import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of a program that one of our packages brings; it is missing where the package is not for this platform. */
export function bin(path: string): { readonly file: string; readonly missing: boolean } {
  const file = fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
  return { file, missing: !existsSync(file) };
}
