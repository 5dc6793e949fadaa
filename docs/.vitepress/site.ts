import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly homepage?: string;
  readonly repository?: string | { readonly url: string };
}

const manifest = (path: string): Manifest =>
  JSON.parse(readFileSync(new URL(`../../${path}package.json`, import.meta.url), "utf8"));

const { repository, homepage: address } = manifest("");
const url = typeof repository === "string" ? repository : repository?.url;

/**
 * The web address of the repository: `repository` in the package.json of the root, the one place to set it. While it is
 * not set, the site has no link that needs it.
 */
export const repositoryUrl: string | undefined = url?.replace(/^git\+/, "").replace(/\.git$/, "");

/** The address of this site: `homepage` in the package.json of the root. */
export const homepage: string | undefined = address;

/** All packages have the same version. */
const { version } = manifest("packages/core/");

/** What the navigation shows. */
export const versionLabel: string = version === "0.0.0" ? "Not released" : `v${version}`;
