import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { folderUnusable, type PoppFolder } from "../command-line/popp-folder.ts";
import type { FoundSecret } from "../command-line/read-secret.ts";

/** Makes a secret for this project and keeps it, so that `send` in the same folder signs with it. */
export function makeSecret({ path, secretFile }: PoppFolder): FoundSecret {
  const secret = randomSecret();
  try {
    // Never through a link that leads nowhere: it may lead out of the folder.
    writeFileSync(secretFile, `${secret}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw folderUnusable(path, cause);
  }
  return { secret, from: ".popp/secret" };
}

/** A secret for development. Its name says that it is none of Popp's. */
export const randomSecret = (): string => `popp_dev_${randomBytes(18).toString("base64url")}`;
