// pnpm keeps a checksum of this file in the lock file, but not of what it imports.
export { hooks } from "./.ci/published-manifest.mjs";
