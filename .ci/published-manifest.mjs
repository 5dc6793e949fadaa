// What a published package.json has and ours have not. It is written when a package is packed, so that each fact stands in one place.
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The exports that point to sources, for tests and editors in this repository. */
const SOURCE = "@popp-webhooks/source";

/** What people search for. A package adds its own words. */
const KEYWORDS = ["popp", "webhook", "webhooks", "signature", "hmac", "recruiting"];

const root = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

export const hooks = {
  /** `pnpm pack` and `pnpm publish` call it. */
  beforePacking({ devDependencies: _, scripts: __, exports, keywords = [], ...manifest }, folder) {
    const published = withoutSources(exports);
    return {
      ...manifest,
      keywords: [...new Set([...KEYWORDS, ...keywords])],
      ...addresses(basename(folder)),
      exports: published,
      ...forOldResolution(published),
    };
  },
};

/** `repository`, `homepage` and `bugs` of the root's package.json, the one place to set them. Without an address there are none. */
function addresses(folder) {
  const { repository, homepage, bugs } = root;
  return {
    ...(repository && {
      repository: { type: "git", url: repository.url ?? repository, directory: `packages/${folder}` },
    }),
    ...(homepage && { homepage }),
    ...(bugs && { bugs }),
  };
}

function withoutSources(exports) {
  return Object.fromEntries(
    Object.entries(exports).map(([subpath, target]) => {
      if (typeof target === "string") return [subpath, target];
      const { [SOURCE]: _, ...conditions } = target;
      return [subpath, conditions];
    }),
  );
}

/** `moduleResolution: node10` reads no `exports`: `main`, `types` and `typesVersions` tell it the same. */
function forOldResolution(exports) {
  const typed = Object.entries(exports).filter(([, target]) => target.require?.types !== undefined);
  const typesVersions = Object.fromEntries(
    typed.filter(([subpath]) => subpath !== ".").map(([subpath, { require }]) => [subpath.slice(2), [require.types]]),
  );
  const main = exports["."]?.require;
  return {
    ...(main && { main: main.default, types: main.types }),
    ...(Object.keys(typesVersions).length > 0 && { typesVersions: { "*": typesVersions } }),
  };
}
